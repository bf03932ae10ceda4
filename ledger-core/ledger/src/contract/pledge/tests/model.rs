//! Random lives of titles and pledges against a plain model: most steps are right and must be accepted, some are broken on
//! purpose and must be refused. After each, every invariant holds (the fixture asks) and every figure is the model's.

mod steps;

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::enforce::tokens;
use super::*;
use crate::contract::title::{self, SPLIT, TAKE, Title, title_state};
use crate::contract::token::{self, holding_state};
use crate::{AssetId, Lock, State};

const SIGNERS: [Who; 6] = [Depositor, BankA, BankB, Attestor, Operator, Supplier];
const BANKS: [Who; 3] = [BankA, BankB, Attestor];

fn minor(minor: u64) -> Amount {
    Amount::from_minor(minor).unwrap()
}

/// One step; broken by leaving a signature out, by a figure that is wrong, or by a lock that is.
#[derive(Clone, Copy, Debug)]
struct Step {
    kind: u8,
    pick: usize,
    other: usize,
    share: u64,
    breakage: Option<Breakage>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Breakage {
    Signature,
    Figure,
    Lock,
}

/// A pledge as the model keeps it: quantities by title, and sums.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Tracked {
    titles: BTreeMap<TitleId, u64>,
    pledged: u64,
    released: u64,
    money: u64,
    secured: u64,
}

/// A transaction under construction: what is consumed, what becomes of it, who signs.
#[derive(Default)]
struct Draft {
    inputs: Vec<StateRef>,
    outputs: Vec<State>,
    commands: Vec<crate::Command>,
    signers: Vec<Who>,
}

struct Pledges {
    world: World,
    definition: StateRef,
    pledges: BTreeMap<PledgeId, Tracked>,
    free: BTreeMap<Address, u64>,
    count: u32,
    counts: Counts,
}

fn command(contract: &'static str, name: &str, message: &impl prost::Message) -> crate::Command {
    crate::Command {
        contract: ContractId::built_in(contract),
        name: name.to_owned(),
        arguments: message.encode_to_vec(),
    }
}

fn named(state: &State) -> PledgedTitle {
    let Title { title, number, quantity, .. } = read_title(state).unwrap();
    PledgedTitle { title, number, quantity }
}

fn who(address: Address) -> Who {
    SIGNERS.into_iter().find(|who| who.address() == address).unwrap()
}

impl Pledges {
    fn asset(&self) -> AssetId {
        self.world.asset()
    }

    fn states(&self, wanted: impl Fn(&State) -> bool) -> Vec<(StateRef, State)> {
        let states = self.world.ledger.unspent_states().filter(|(_, unspent)| wanted(&unspent.state));
        states.map(|(reference, unspent)| (*reference, unspent.state.as_ref().clone())).collect()
    }

    /// The depositor's titles under so many locks.
    fn titles(&self, locks: std::ops::RangeInclusive<usize>) -> Vec<(StateRef, State)> {
        let is_wanted = |state: &State| {
            state.is(title::NAME, title::TITLE)
                && state.owner == Depositor.address()
                && locks.contains(&state.locks.len())
        };
        self.states(is_wanted)
    }

    fn covers(&self) -> Vec<(StateRef, Cover)> {
        let pledges = self.states(|state| state.is(NAME, PLEDGE));
        pledges.into_iter().map(|(reference, state)| (reference, read_cover(&state).unwrap())).collect()
    }

    /// The pledges on a title, the best rank first.
    fn on(&self, state: &State) -> Vec<(StateRef, Cover)> {
        let covers = self.covers();
        let of = |lock: &Lock| covers.iter().find(|(_, cover)| cover.pledge.pledge.context() == lock.context).cloned();
        state.locks.iter().map(|lock| of(lock).unwrap()).collect()
    }

    /// Submits the draft, broken or not; true when it was accepted, as it is exactly when it is whole.
    fn submit(&mut self, name: &'static str, mut draft: Draft, step: &Step, can_break: bool) -> bool {
        let mut is_whole = true;
        match step.breakage.filter(|_| can_break) {
            Some(Breakage::Signature) => {
                draft.signers.remove(0);
                is_whole = false;
            }
            Some(Breakage::Lock) => {
                let locked = draft.outputs.iter_mut().find(|state| !state.locks.is_empty());
                match locked {
                    Some(state) => drop(state.locks.pop()),
                    None => draft.outputs[0].locks = vec![stray_lock()],
                }
                is_whole = false;
            }
            Some(Breakage::Figure) => {
                let pledge = draft.outputs.iter_mut().find(|state| state.is(NAME, PLEDGE));
                match pledge {
                    Some(state) => {
                        let mut cover = read_cover(state).unwrap();
                        cover.pledged = cover.pledged.checked_add(minor(1)).unwrap();
                        *state = cover_state(&cover);
                    }
                    None => drop(draft.inputs.pop()),
                }
                is_whole = false;
            }
            None => {}
        }
        let submitter = draft.signers[0];
        let mut transaction = self.world.build(submitter).build();
        (transaction.inputs, transaction.outputs, transaction.commands) = (draft.inputs, draft.outputs, draft.commands);
        let transaction =
            self.world.rules().fill_claims(transaction.clone(), &self.world.ledger).unwrap_or(transaction);
        let result = self.world.submit_bytes(&World::sign(transaction, &draft.signers).encode());
        assert_eq!(result.is_ok(), is_whole, "{name} {:?}: {result:?}", step.breakage);
        self.counts.entry(name).or_default()[usize::from(!is_whole)] += 1;
        is_whole
    }

    fn forget_ended(&mut self) {
        self.pledges.retain(|_, tracked| !tracked.titles.is_empty() || tracked.money > 0);
    }
}

fn stray_lock() -> Lock {
    let context = ContextId::from_bytes([0xee; 32]);
    Lock { kind: LockKind::Pledge, locker: BankB.address(), context, rank: 1, amount: None, until_ms: None }
}

impl Model for Pledges {
    type Step = Step;

    fn begin() -> Self {
        let mut world = World::new();
        let definition = token::TokenDefinition { supply_max: minor(1_000_000_000), ..world.definition() };
        let builder = world.build(BankA).output(token::definition_state(&definition));
        let builder = builder.command(tokens(), token::DEFINE, &wire::TokenDefine {});
        let definition = StateRef { transaction: world.accept(builder, &[BankA, Attestor]), index: 0 };
        let (pledges, free, counts) = (BTreeMap::new(), BTreeMap::new(), Counts::new());
        Self { world, definition, pledges, free, count: 0, counts }
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let breakage = prop::sample::select(vec![Breakage::Signature, Breakage::Figure, Breakage::Lock]);
        let step = (0u8..18, 0usize..64, 0usize..64, 1u64..100, prop::option::weighted(0.2, breakage));
        let step = step.prop_map(|(kind, pick, other, share, breakage)| Step { kind, pick, other, share, breakage });
        prop::collection::vec(step, 12..24)
    }

    fn step(&mut self, step: &Step) {
        match step.kind {
            0 | 1 => self.issue(step),
            2..=5 => self.pledge(step),
            6 => self.top_up(step),
            7 => self.substitute(step),
            8 | 9 => self.release(step),
            10 | 11 => self.release_a_part(step),
            12 => self.change_ranks(step),
            13 | 14 => self.enforce(step),
            _ => self.collect(step),
        }
    }

    /// Every pledge and every balance on the ledger is the model's.
    fn agrees(&self) {
        let track = |cover: Cover| {
            let titles = cover.titles.iter().map(|title| (title.title, title.quantity.minor())).collect();
            let (pledged, released) = (cover.pledged.minor(), cover.released.minor());
            let money = cover.money.iter().map(|money| money.amount.minor()).sum();
            let secured = cover.pledge.secured_maximum.minor();
            (cover.pledge.pledge, Tracked { titles, pledged, released, money, secured })
        };
        let actual: BTreeMap<_, _> = self.covers().into_iter().map(|(_, cover)| track(cover)).collect();
        assert_eq!(actual, self.pledges);
        let mut free: BTreeMap<Address, u64> = BTreeMap::new();
        for (_, state) in self.states(|state| state.is(token::NAME, token::HOLDING) && state.locks.is_empty()) {
            *free.entry(state.owner).or_default() += token::read_holding(&state).unwrap().amount.minor();
        }
        let expected: BTreeMap<_, _> = self.free.clone().into_iter().filter(|(_, amount)| *amount > 0).collect();
        assert_eq!(free, expected);
    }

    fn end(self) -> Counts {
        self.counts
    }
}

#[test]
fn titles_pledges_and_money_are_what_the_model_says() {
    explore::<Pledges>(24);
}

#[test]
fn every_kind_of_step_is_really_tried_whole_and_broken() {
    let totals = explore_the_same::<Pledges>(48);
    for name in ["pledge", "release", "release a part", "enforce", "collect"] {
        assert!(totals.get(name).is_some_and(|[accepted, refused]| *accepted >= 10 && *refused >= 1), "{totals:?}");
    }
    for name in ["top up", "substitute", "rank"] {
        assert!(totals.get(name).is_some_and(|[accepted, _]| *accepted >= 3), "{totals:?}");
    }
}
