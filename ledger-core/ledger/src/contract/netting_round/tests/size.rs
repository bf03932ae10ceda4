//! Rounds of many obligations, over several joins, checks and applications.
//!
//! `cargo nextest run --release -p ledger-core --run-ignored only --no-capture ten_thousand` prints bytes; each test's own time
//! is the figure, and the difference of the two that of a round.

use super::*;
use crate::contract::{chain, party};
use crate::party::Permissions;
use crate::verify::{contextual, structural};
use crate::{EvidenceHash, ObligationId, PartyRecord, Policy, SigningKey, invariant};

/// Numbers that look random and are the same each time (Knuth's MMIX generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// A party beyond the fixture's few.
struct Member {
    key: SigningKey,
    address: Address,
}

/// What transactions of one kind come to.
#[derive(Default)]
struct Cost {
    transactions: usize,
    bytes: usize,
    largest: usize,
}

impl std::fmt::Display for Cost {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { transactions, bytes, largest } = self;
        write!(formatter, "{transactions} transactions, {bytes} bytes, largest {largest}")
    }
}

struct Crowd {
    room: Room,
    members: Vec<Member>,
    held: Vec<(StateRef, Obligation)>,
}

impl Crowd {
    fn of(members: usize, rows: usize) -> Self {
        let mut crowd = Self { room: Room::open(), members: Vec::new(), held: Vec::new() };
        for first in (0..members).step_by(100) {
            crowd.register(first..members.min(first + 100));
        }
        let mut numbers = Numbers(1);
        for first in (0..rows).step_by(500) {
            crowd.owe(first..rows.min(first + 500), &mut numbers);
        }
        crowd
    }

    fn register(&mut self, numbers: std::ops::Range<usize>) {
        let mut builder = self.room.world.build(Administrator);
        let registered = self.members.len();
        for number in numbers {
            let mut seed = [77; 32];
            seed[..8].copy_from_slice(&number.to_be_bytes());
            let key = SigningKey::from_seed(&seed);
            let record = PartyRecord::simple(Policy::Key(key.public()), [77; 16], "");
            let permissions = [Permission::Connect, Permission::Transact].into();
            let granted = Permissions { party: record.address, permissions };
            builder = builder.output(party::record_state(&record));
            builder = builder.output(chain::permissions_state(Administrator.address(), &granted));
            self.members.push(Member { key, address: record.address });
        }
        let builder = builder
            .command(ContractId::built_in(party::NAME), party::REGISTER, &wire::PartyRegister {})
            .command(ContractId::built_in(chain::NAME), chain::GRANT, &wire::ChainGrant {});
        let transaction = self.room.world.fill(builder);
        let administrator = Administrator.key();
        let keys = self.members[registered..].iter().map(|member| (member.address, &member.key));
        let keys = keys.chain([(Administrator.address(), &administrator)]);
        let signed = SignedTransaction::sign(transaction, keys).unwrap();
        self.room.world.submit_bytes(&signed.encode()).unwrap();
    }

    /// One block of new obligations.
    fn owe(&mut self, places: std::ops::Range<usize>, numbers: &mut Numbers) {
        let mut all = Vec::new();
        let consent = self.room.consent();
        for place in places {
            let count = self.members.len();
            let debtor = numbers.below(count);
            let creditor = (debtor + 1 + numbers.below(count - 1)) % count;
            let (debtor, creditor) = (&self.members[debtor], &self.members[creditor]);
            let builder = self.room.world.build(Operator);
            let mut frame = builder.build();
            frame.submit_as(debtor.address);
            let amount = minor(1 + numbers.below(100_000_000) as u64);
            let owed = Obligation {
                obligation: ObligationId::derive(&frame.chain, &frame.command_id),
                debtor: debtor.address,
                creditor: creditor.address,
                asset: self.room.world.asset(),
                amount,
                outstanding: amount,
                due_on: frame.effective_on,
                issuer: creditor.address,
                number: number(place),
                document: EvidenceHash::from_bytes([7; 32]),
                debtor_nets: Some(consent),
                creditor_nets: Some(consent),
                round: None,
            };
            let builder = TransactionBuilder::of(frame).attachment(owed.document);
            let builder = builder.output(obligation::obligation_state(&owed));
            let of_obligations = ContractId::built_in(obligation::NAME);
            let builder = builder.command(of_obligations, obligation::CREATE, &wire::ObligationCreate {});
            let transaction = builder.build();
            let transaction = self.room.world.rules().fill_claims(transaction, &self.room.world.ledger).unwrap();
            let keys = [debtor, creditor].map(|member| (member.address, &member.key));
            let signed = SignedTransaction::sign(transaction, keys).unwrap();
            self.held.push((StateRef { transaction: signed.transaction.id().unwrap(), index: 0 }, owed));
            all.push(signed);
        }
        self.block(all, &mut Cost::default());
    }

    /// Verifies transactions that do not depend on each other and applies them as one block.
    fn block(&mut self, all: Vec<SignedTransaction>, cost: &mut Cost) {
        let world = &mut self.room.world;
        let bytes: Vec<_> = all.iter().map(SignedTransaction::encode).collect();
        let mut verified = Vec::new();
        for bytes in &bytes {
            let resolved = structural(bytes, &world.ledger.chain()).unwrap().resolve(&world.ledger).unwrap();
            verified.push(world.rules().semantic(resolved, &world.ledger).unwrap());
        }
        for transaction in &verified {
            self.room.book.take(&transaction.ledger().transaction).unwrap();
        }
        let (block, refused) = contextual(world.proposed(verified), &world.ledger);
        assert!(refused.is_empty(), "{refused:?}");
        world.ledger.apply(&block).unwrap();
        world.now_ms += 1;
        cost.transactions += bytes.len();
        cost.bytes += bytes.iter().map(Vec::len).sum::<usize>();
        cost.largest = cost.largest.max(bytes.iter().map(Vec::len).max().unwrap_or(0));
    }

    fn filled(&self, transaction: Transaction) -> Transaction {
        self.room.world.rules().fill_claims(transaction, &self.room.world.ledger).unwrap()
    }

    /// The obligations in the round, by their new states; those that are gone are left out.
    fn refresh(&mut self) {
        let all = self.room.all();
        self.held = self.held.iter().filter_map(|(_, owed)| all.get(&owed.number).cloned()).collect();
    }

    /// The whole round; what each kind of transaction cost.
    fn round(&mut self) -> [(&'static str, Cost); 3] {
        let (mut joins, mut checks, mut applications) = <(Cost, Cost, Cost)>::default();
        let held = self.held.clone();
        for held in held.chunks(OBLIGATIONS_MAX) {
            let (state, round) = self.room.at();
            let builder = self.room.world.build(Operator);
            let join = book::join(builder, (state, &round), &borrowed(held)).unwrap().build();
            self.block(vec![World::sign(self.filled(join), &[Operator])], &mut joins);
        }
        self.refresh();
        println!("state of the gathering round: {} bytes", crate::encoding::encode(&self.room.at().1).len());
        self.room.book = self.room.book.clone().clear().unwrap();
        let result = self.room.book.clone();
        let (state, round) = self.room.at();
        self.room.world.now_ms = round.cut_off_ms;
        let propose = result.propose(self.room.world.build(Operator), (state, &round)).unwrap().build();
        self.block(vec![World::sign(self.filled(propose), &[Operator])], &mut Cost::default());
        while let (state, round @ NettingRound { phase: Phase::Checking(_), .. }) = self.room.at() {
            let check = result.check(self.room.world.ledger.chain(), (state, &round)).unwrap();
            self.block(vec![SignedTransaction::new(check, Vec::new())], &mut checks);
        }
        let (state, round) = self.room.at();
        let (chain, now_ms, held) = (self.room.world.ledger.chain(), self.room.world.now_ms, self.held.clone());
        let mut all = Vec::new();
        for held in held.chunks(OBLIGATIONS_MAX) {
            let apply = result.apply(chain, (state, &round), &borrowed(held), now_ms).unwrap();
            all.push(SignedTransaction::new(self.filled(apply), Vec::new()));
        }
        self.block(all, &mut applications);
        [("join", joins), ("check", checks), ("apply", applications)]
    }
}

/// Runs a round and checks what is left against the positions before it and the clearing of its rows.
fn runs(members: usize, rows: usize) -> [(&'static str, Cost); 3] {
    let mut crowd = Crowd::of(members, rows);
    let before = crowd.room.positions();
    let costs = crowd.round();
    assert_eq!(crowd.room.positions(), before);
    let Phase::Committed { cleared, .. } = crowd.room.at().1.phase else { panic!("not committed") };
    let (left, gross) = (crowd.room.owed().values().sum::<u64>(), crowd.room.at().1.gross.minor());
    assert_eq!(left + cleared.minor(), gross);
    assert!(crowd.room.all().values().all(|(_, owed)| owed.round.is_none()));
    assert_eq!(invariant::broken(&crowd.room.world.ledger), []);
    println!(
        "{rows} obligations of {members} parties: cleared {} of 1000",
        cleared.minor() as u128 * 1_000 / gross as u128
    );
    costs
}

#[test]
fn a_round_of_several_checks_is_committed_with_the_last() {
    let [(_, joins), (_, checks), (_, applications)] = runs(20, 600);
    assert_eq!((joins.transactions, checks.transactions, applications.transactions), (3, 3, 3));
}

#[test]
#[ignore = "measures: takes seconds, and half a minute without --release"]
fn ten_thousand_obligations_in_no_round() {
    assert_eq!(Crowd::of(200, 10_000).room.all().len(), 10_000);
}

#[test]
#[ignore = "measures: takes seconds, and half a minute without --release"]
fn ten_thousand_obligations_in_one_round() {
    for (name, cost) in runs(200, 10_000) {
        println!("{name}: {cost}");
    }
}
