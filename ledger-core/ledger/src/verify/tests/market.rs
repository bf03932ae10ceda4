//! Random business on a small chain: transactions that conflict, follow from one another, are frozen, or are wrong.

use proptest::prelude::*;

use crate::contract::{chain, party, title, token};
use crate::fixture::*;
use crate::party::{PartyRecord, Permissions};
use crate::verify::Workers;
use crate::*;

/// Who pays and is paid.
const TRADERS: [Who; 4] = [Depositor, Supplier, BankA, BankB];
/// Holdings of 100 that each trader begins with.
const HOLDINGS: usize = 3;

/// One thing somebody does.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// Pays with a holding, of the chain or of an earlier deed; half of it, the rest comes back.
    Pay {
        from: prop::sample::Index,
        to: usize,
        reads: Option<prop::sample::Index>,
    },
    /// As pay, with a signature that does not verify.
    Forge {
        from: prop::sample::Index,
    },
    /// Pays more than it has.
    Inflate {
        from: prop::sample::Index,
    },
    /// Spends an output of a deed that comes later.
    TooEarly {
        from: prop::sample::Index,
    },
    /// Issues a document under one of few numbers.
    Title {
        number: u8,
    },
    /// Issues money, up to the bound of its supply.
    Issue {
        amount: u64,
    },
    Freeze {
        who: usize,
        order: u8,
    },
    Unfreeze {
        who: usize,
        order: u8,
    },
    /// Takes a trader's permission to transact, or gives it back.
    Permit {
        who: usize,
        transact: bool,
    },
    /// Gives a trader another key.
    Rotate {
        who: usize,
    },
    /// Sends an earlier deed again, or another one under its command.
    Again {
        deed: prop::sample::Index,
        same: bool,
    },
}

pub(super) fn deeds(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Deed>> {
    let index = any::<prop::sample::Index>;
    let who = 0..TRADERS.len();
    let deed = prop_oneof![
        12 => (index(), who.clone(), prop::option::of(index())).prop_map(|(from, to, reads)| Deed::Pay { from, to, reads }),
        1 => index().prop_map(|from| Deed::Forge { from }),
        1 => index().prop_map(|from| Deed::Inflate { from }),
        1 => index().prop_map(|from| Deed::TooEarly { from }),
        2 => (0u8..3).prop_map(|number| Deed::Title { number }),
        1 => (1u64..400_000).prop_map(|amount| Deed::Issue { amount }),
        1 => (who.clone(), 0u8..2).prop_map(|(who, order)| Deed::Freeze { who, order }),
        1 => (who.clone(), 0u8..2).prop_map(|(who, order)| Deed::Unfreeze { who, order }),
        1 => (who.clone(), any::<bool>()).prop_map(|(who, transact)| Deed::Permit { who, transact }),
        1 => who.prop_map(|who| Deed::Rotate { who }),
        1 => (index(), any::<bool>()).prop_map(|(deed, same)| Deed::Again { deed, same }),
    ];
    prop::collection::vec(deed, count)
}

/// A chain with holdings, and what is signed for it.
pub(super) struct Market {
    pub(super) world: World,
    definition: StateRef,
    /// Holdings that may be spent or not, with their owner and amount.
    holdings: Vec<(StateRef, Who, u64)>,
    records: Vec<StateRef>,
    permissions: Vec<StateRef>,
    /// Of each trader's record.
    versions: [u64; TRADERS.len()],
    signed: Vec<Vec<u8>>,
}

impl Market {
    pub(super) fn new() -> Self {
        let mut world = World::new();
        let definition = world.define();
        let mut holdings = Vec::new();
        for _ in 0..HOLDINGS {
            holdings.extend(TRADERS.map(|who| (world.issue(definition, who, 100), who, 100)));
        }
        let of = |world: &World, state: State| {
            let found = world.ledger.unspent_states().find(|(_, unspent)| *unspent.state == state);
            *found.unwrap().0
        };
        let records = TRADERS.map(|who| of(&world, party::record_state(&who.record()))).to_vec();
        let granted = |who: Who| {
            let mut permissions = std::collections::BTreeSet::from([Permission::Connect, Permission::Transact]);
            permissions.extend((who == BankA).then_some(Permission::Issue));
            chain::permissions_state(Administrator.address(), &Permissions { party: who.address(), permissions })
        };
        let permissions = TRADERS.map(|who| of(&world, granted(who))).to_vec();
        Self { world, definition, holdings, records, permissions, versions: [1; TRADERS.len()], signed: Vec::new() }
    }

    /// The signed transactions of these deeds, in order.
    pub(super) fn signed(mut self, deeds: &[Deed]) -> (World, Vec<Vec<u8>>) {
        deeds.iter().for_each(|deed| self.act(deed));
        (self.world, self.signed)
    }

    fn act(&mut self, deed: &Deed) {
        match deed {
            Deed::Pay { from, to, reads } => {
                let (holding, who, amount) = *from.get(&self.holdings);
                let reads = reads.map(|read| *read.get(&self.holdings)).filter(|(read, ..)| *read != holding);
                let half = amount / 2;
                let paid = TRADERS[*to];
                let mut builder = self.world.transfer(who, &[holding], &[(paid, amount - half), (who, half)]);
                if half == 0 {
                    builder = self.world.transfer(who, &[holding], &[(paid, amount)]);
                }
                if let Some((read, ..)) = reads {
                    builder = if amount.is_multiple_of(2) { builder.current(read) } else { builder.past(read) };
                }
                let id = self.sign(builder, &[who]);
                self.holdings.push((StateRef { transaction: id, index: 0 }, paid, amount - half));
                if half > 0 {
                    self.holdings.push((StateRef { transaction: id, index: 1 }, who, half));
                }
            }
            Deed::Forge { from } => {
                let (holding, who, amount) = *from.get(&self.holdings);
                let builder = self.world.transfer(who, &[holding], &[(BankB, amount)]);
                let id = self.sign(builder, &[who]);
                let mut signed = SignedTransaction::decode(self.signed.last().unwrap()).unwrap();
                let mut forged = *signed.signatures[0].signature.as_bytes();
                forged[3] ^= 1;
                signed.signatures[0].signature = Signature::from_bytes(&forged).unwrap();
                *self.signed.last_mut().unwrap() = signed.encode();
                self.holdings.push((StateRef { transaction: id, index: 0 }, BankB, amount));
            }
            Deed::Inflate { from } => {
                let (holding, who, amount) = *from.get(&self.holdings);
                let builder = self.world.transfer(who, &[holding], &[(BankB, amount + 1)]);
                let id = self.sign(builder, &[who]);
                self.holdings.push((StateRef { transaction: id, index: 0 }, BankB, amount + 1));
            }
            Deed::TooEarly { from } => {
                let (holding, who, amount) = *from.get(&self.holdings);
                let parent = self.world.transfer(who, &[holding], &[(who, amount)]);
                let parent_id = self.sign(parent, &[who]);
                let child = StateRef { transaction: parent_id, index: 0 };
                let child = self.world.transfer(who, &[child], &[(BankB, amount)]);
                self.sign(child, &[who]);
                let last = self.signed.len() - 1;
                self.signed.swap(last - 1, last);
            }
            Deed::Title { number } => {
                let state = title::title_state(&self.world.title(&format!("WR-{number}")), Depositor.address());
                let builder = self.world.build(Operator).output(state);
                let builder = builder.command(ContractId::built_in(title::NAME), title::ISSUE, &wire::TitleIssue {});
                self.sign(builder, &[Operator, Depositor]);
            }
            Deed::Issue { amount } => {
                let command = self.world.issue_command(*amount, "deposit of the market");
                let output = self.world.holding(Supplier, *amount);
                let builder = self.world.build(BankA).current(self.definition).output(output);
                let builder = builder.command(ContractId::built_in(token::NAME), token::ISSUE, &command);
                let id = self.sign(builder, &[BankA, Attestor]);
                self.holdings.push((StateRef { transaction: id, index: 0 }, Supplier, *amount));
            }
            Deed::Freeze { who, order } => {
                let (subjects, reference) = self.order(*who, *order);
                let command = wire::ChainFreeze { subjects, reference };
                let builder = self.world.build(Administrator);
                let builder = builder.command(ContractId::built_in(chain::NAME), chain::FREEZE, &command);
                self.sign(builder, &[Administrator]);
            }
            Deed::Unfreeze { who, order } => {
                let (subjects, reference) = self.order(*who, *order);
                let command = wire::ChainUnfreeze { subjects, reference };
                let builder = self.world.build(Administrator);
                let builder = builder.command(ContractId::built_in(chain::NAME), chain::UNFREEZE, &command);
                self.sign(builder, &[Administrator]);
            }
            Deed::Permit { who, transact } => self.permit(*who, *transact),
            Deed::Rotate { who } => self.rotate(*who),
            Deed::Again { deed, same } => self.again(*deed, *same),
        }
    }

    fn order(&self, who: usize, order: u8) -> (Vec<wire::FreezeSubject>, String) {
        (vec![FreezeSubject::Address(TRADERS[who].address()).to_wire()], format!("order {order}"))
    }

    fn permit(&mut self, who: usize, transact: bool) {
        let mut permissions = std::collections::BTreeSet::from([Permission::Connect]);
        permissions.extend(transact.then_some(Permission::Transact));
        let granted = Permissions { party: TRADERS[who].address(), permissions };
        let output = chain::permissions_state(Administrator.address(), &granted);
        let builder = self.world.build(Administrator).input(self.permissions[who]).output(output);
        let builder = builder.command(ContractId::built_in(chain::NAME), chain::GRANT, &wire::ChainGrant {});
        let id = self.sign(builder, &[Administrator]);
        self.permissions[who] = StateRef { transaction: id, index: 0 };
    }

    fn rotate(&mut self, who: usize) {
        let trader = TRADERS[who];
        let key = SigningKey::from_seed(&[77; 32]).public();
        self.versions[who] += 1;
        let version = self.versions[who];
        let record = PartyRecord { version, authority: Authority::simple(Policy::Key(key)), ..trader.record() };
        let builder = self.world.build(trader).input(self.records[who]).output(party::record_state(&record));
        let builder = builder.command(ContractId::built_in(party::NAME), party::CHANGE, &wire::PartyChange {});
        let id = self.sign(builder, &[trader]);
        self.records[who] = StateRef { transaction: id, index: 0 };
    }

    fn again(&mut self, deed: prop::sample::Index, same: bool) {
        let Some(bytes) = (!self.signed.is_empty()).then(|| deed.get(&self.signed).clone()) else { return };
        if same {
            return self.signed.push(bytes);
        }
        let mut transaction = SignedTransaction::decode(&bytes).unwrap().transaction;
        // Keys of metadata ascend, and one that is taken again may have this one.
        transaction.metadata = vec![("note".to_owned(), format!("another, beside {}", self.signed.len()))];
        let who = TRADERS.into_iter().find(|who| who.address() == transaction.submitter).unwrap_or(Administrator);
        self.signed.push(World::sign(transaction, &[who]).encode());
    }

    /// Signs; the anchor is the tip on which all stand. Claims follow from outputs, so a state in no block yet is no hindrance.
    fn sign(&mut self, builder: TransactionBuilder, signers: &[Who]) -> TransactionId {
        let signed = World::sign(self.world.fill(builder), signers);
        self.signed.push(signed.encode());
        signed.transaction.id().unwrap()
    }
}

/// Workers that do their parts in an order of their own.
pub(super) struct Jumbled {
    pub(super) width: usize,
    pub(super) seed: usize,
}

impl Workers for Jumbled {
    fn width(&self) -> usize {
        self.width
    }

    fn map<P: Send, R: Send>(&self, parts: Vec<P>, work: impl Fn(P) -> R + Sync) -> Vec<R> {
        let count = parts.len();
        let mut order: Vec<_> = parts.into_iter().enumerate().collect();
        order.sort_by_key(|(place, _)| (place.wrapping_mul(2_654_435_761) ^ self.seed).wrapping_mul(40_503) % 1_009);
        let mut done: Vec<Option<R>> = (0..count).map(|_| None).collect();
        for (place, part) in order {
            done[place] = Some(work(part));
        }
        done.into_iter().map(Option::unwrap).collect()
    }
}
