//! Claims against a slow obvious model: who holds what now, and what was ever used.

use std::collections::BTreeSet;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use crate::claim::{ClaimIdentity, ClaimKind};
use crate::contract::{Contract, Signer};
use crate::error::ContractError;
use crate::fixture::*;
use crate::{ContractId, Genesis, Ledger, LedgerTransaction, State, StateRef, Warning, wire};

/// A contract whose states hold the identities that their data list.
struct Marks;

/// Identities from here on are used once for ever, those below one at a time.
const FIRST_ONCE: u8 = 5;
const IDENTITIES: u8 = 8;

fn kind(identity: u8) -> ClaimKind {
    if identity < FIRST_ONCE { ClaimKind::Exclusive } else { ClaimKind::Once }
}

/// Even ones are near each other, and so are odd ones.
fn near(identity: u8) -> u8 {
    identity % 2
}

fn state(identities: &BTreeSet<u8>) -> State {
    let contracts = identities.iter().map(u8::to_string).collect();
    State::new(
        Marks.id(),
        "mark",
        Administrator.address(),
        [],
        &wire::Configuration { contracts, ..Default::default() },
    )
}

impl Contract for Marks {
    fn id(&self) -> ContractId {
        ContractId::new("marks", 1).unwrap()
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["mark"]
    }

    fn verify(&self, _: &LedgerTransaction) -> Result<(), ContractError> {
        Ok(())
    }

    fn authorities(&self, _: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        Ok(Vec::new())
    }

    fn claims(&self, transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, ContractError> {
        let mut claims = Vec::new();
        for (output, state) in transaction.outputs_of("marks", "mark") {
            let message: wire::Configuration = state.message().unwrap();
            claims.extend(message.contracts.into_iter().map(|name| {
                let identity: u8 = name.parse().unwrap();
                let near = vec![near(identity).to_string()];
                ClaimIdentity { class: "mark", parts: vec![name], output, kind: kind(identity), near }
            }));
        }
        Ok(claims)
    }
}

/// One transaction: which live states it consumes, and what each output holds.
#[derive(Clone, Debug)]
struct Step {
    inputs: BTreeSet<usize>,
    outputs: Vec<BTreeSet<u8>>,
}

#[derive(Clone, Debug)]
enum Plan {
    Anything(BTreeSet<usize>, Vec<BTreeSet<u8>>),
    /// A state goes on as so many that each hold all it held; none = it ends.
    PassOn(usize, usize),
}

fn plan() -> impl Strategy<Value = Plan> {
    let outputs = vec(btree_set(0..IDENTITIES, 0..3), 0..3);
    let anything = (btree_set(0..8_usize, 0..3), outputs).prop_map(|(inputs, outputs)| Plan::Anything(inputs, outputs));
    prop_oneof![3 => anything, 2 => (0..8_usize, 0..3_usize).prop_map(|(state, parts)| Plan::PassOn(state, parts))]
}

#[derive(Default)]
struct Model {
    live: Vec<(StateRef, BTreeSet<u8>)>,
    used_for_ever: BTreeSet<u8>,
}

impl Model {
    fn step(&self, plan: Plan) -> Step {
        let place = |number: usize| (!self.live.is_empty()).then(|| number % self.live.len());
        match plan {
            Plan::Anything(inputs, outputs) => Step { inputs: inputs.into_iter().filter_map(place).collect(), outputs },
            Plan::PassOn(state, parts) => {
                let inputs: BTreeSet<_> = place(state).into_iter().collect();
                let held = inputs.iter().map(|place| self.live[*place].1.clone());
                Step { outputs: held.flat_map(|held| vec![held; parts]).collect(), inputs }
            }
        }
    }

    fn in_use(&self) -> BTreeSet<u8> {
        self.live.iter().flat_map(|(_, held)| held).chain(&self.used_for_ever).copied().collect()
    }

    fn held_by_inputs(&self, step: &Step) -> BTreeSet<u8> {
        step.inputs.iter().flat_map(|place| &self.live[*place].1).copied().collect()
    }

    fn allows(&self, step: &Step) -> bool {
        let (own, in_use) = (self.held_by_inputs(step), self.in_use());
        let takers = |identity: u8| step.outputs.iter().filter(|held| held.contains(&identity)).count();
        let taken: BTreeSet<u8> = step.outputs.iter().flatten().copied().collect();
        taken
            .into_iter()
            .all(|identity| own.contains(&identity) || (!in_use.contains(&identity) && takers(identity) == 1))
    }

    fn warnings(&self, step: &Step) -> BTreeSet<(u32, usize)> {
        let (own, in_use) = (self.held_by_inputs(step), self.in_use());
        let mut warnings = Vec::new();
        for (output, held) in (0u32..).zip(&step.outputs) {
            for identity in held.iter().filter(|identity| !in_use.contains(identity)) {
                if in_use.difference(&own).any(|other| near(*other) == near(*identity)) {
                    warnings.push(output);
                }
            }
        }
        warnings.iter().map(|output| (*output, warnings.iter().filter(|other| *other == output).count())).collect()
    }

    fn take(&mut self, step: &Step, transaction: crate::TransactionId) {
        for place in step.inputs.iter().rev() {
            self.live.remove(*place);
        }
        for (index, held) in (0u32..).zip(&step.outputs) {
            self.live.push((StateRef { transaction, index }, held.clone()));
            self.used_for_ever.extend(held.iter().filter(|identity| kind(**identity) == ClaimKind::Once));
        }
    }
}

fn world() -> World {
    let mut world = World::empty();
    world.contracts = std::mem::take(&mut world.contracts).with(Box::new(Marks));
    let genesis = Genesis { contracts: world.contracts.ids(), ..world.ledger.genesis().clone() };
    world.ledger = Ledger::from_genesis(genesis).unwrap();
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn claims_do_what_the_model_says(plans in vec(plan(), 1..16)) {
        let (mut world, mut model) = (world(), Model::default());
        for plan in plans {
            let step = model.step(plan);
            let inputs = step.inputs.iter().map(|place| model.live[*place].0);
            let builder = inputs.fold(world.build(Administrator), crate::TransactionBuilder::input);
            let builder = step.outputs.iter().fold(builder, |builder, held| builder.output(state(held)));
            let builder = builder.command(Marks.id(), "mark", &wire::TitleIssue {});
            match world.submit(builder, &[Administrator]) {
                Ok(transaction) => {
                    prop_assert!(model.allows(&step), "{step:?}");
                    let count = |output: u32| world.warnings.iter().filter(|warning| **warning
                        == Warning::NearClaim { class: "mark", output }).count();
                    let warned: BTreeSet<_> =
                        world.warnings.iter().map(|Warning::NearClaim { output, .. }| (*output, count(*output))).collect();
                    prop_assert_eq!(warned, model.warnings(&step));
                    model.take(&step, transaction);
                }
                Err(rejection) => {
                    prop_assert!(!model.allows(&step), "{step:?}: {rejection}");
                    prop_assert_eq!(rejection.code, "CLAIM_HELD");
                }
            }
            prop_assert_eq!(world.ledger.claims().count(), model.in_use().len());
            let nears: BTreeSet<u8> = model.in_use().into_iter().map(near).collect();
            prop_assert_eq!(world.ledger.near_keys().count(), nears.len());
        }
        prop_assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
    }
}
