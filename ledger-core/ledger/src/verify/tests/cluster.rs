//! What conflicts and what does not; clusters against a slow model; who is accepted alone is accepted in company.

use std::sync::Arc;

use proptest::prelude::*;

use super::market::{Jumbled, Market, deeds};
use crate::contract::{chain, token};
use crate::fixture::*;
use crate::verify::{Batch, Footprint, ProposedBlock, VerifiedTransaction, clusters, contextual};
use crate::{ContractId, FreezeSubject, Ledger, StateRef, TransactionBuilder, Wire, wire};

fn verified(world: &World, signed: &[Vec<u8>]) -> Vec<VerifiedTransaction> {
    let workers = Jumbled { width: 1, seed: 0 };
    let bytes = signed.iter().map(|bytes| Arc::from(bytes.as_slice())).collect();
    let results = Batch::read(bytes, world.ledger.chain(), &workers).verify(world.rules(), &world.ledger, &workers);
    results.into_iter().flatten().collect()
}

/// Two payments of two parties, changed, and whether they conflict then.
fn check(change: impl Fn(&mut World, [StateRef; 3]) -> [(TransactionBuilder, Vec<Who>); 2], conflict: bool) {
    let mut world = World::new();
    let definition = world.define();
    let held = [world.issue(definition, Depositor, 100), world.issue(definition, Supplier, 100), definition];
    let both = change(&mut world, held);
    let signed = both.map(|(builder, signers)| World::sign(world.fill(builder), &signers).encode());
    let both = verified(&world, &signed);
    let [one, other] = both.as_slice() else { panic!("both are right in themselves") };
    let (one, other) = (Footprint::of(one, &world.ledger), Footprint::of(other, &world.ledger));
    assert_eq!((one.conflicts_with(&other), other.conflicts_with(&one)), (conflict, conflict));
    assert_eq!(clusters(&[one, other]).len(), if conflict { 1 } else { 2 });
}

fn pay(world: &mut World, who: Who, from: StateRef) -> (TransactionBuilder, Vec<Who>) {
    (world.transfer(who, &[from], &[(BankB, 100)]), vec![who])
}

#[test]
fn only_what_one_writes_and_the_other_touches_conflicts() {
    let then = |(builder, signers): (TransactionBuilder, Vec<Who>),
                change: fn(TransactionBuilder, StateRef) -> TransactionBuilder,
                state| { (change(builder, state), signers) };
    check(|world, held| [pay(world, Depositor, held[0]), pay(world, Supplier, held[1])], false);
    check(|world, held| [pay(world, Depositor, held[0]), pay(world, Depositor, held[0])], true);
    let reading = |current: bool, which: usize| {
        move |world: &mut World, held: [StateRef; 3]| {
            let change = if current { TransactionBuilder::current } else { TransactionBuilder::past };
            [pay(world, Depositor, held[0]), then(pay(world, Supplier, held[1]), change, held[which])]
        }
    };
    check(reading(true, 0), true);
    check(reading(false, 0), false);
    check(
        |world, held| {
            let [one, other] = [pay(world, Depositor, held[0]), pay(world, Supplier, held[1])];
            [then(one, TransactionBuilder::current, held[2]), then(other, TransactionBuilder::current, held[2])]
        },
        false,
    );
    check(
        |world, held| {
            let parent = pay(world, Depositor, held[0]);
            let id = world.fill(parent.0.clone()).id().unwrap();
            [
                parent,
                then(pay(world, Supplier, held[1]), TransactionBuilder::past, StateRef { transaction: id, index: 0 }),
            ]
        },
        true,
    );
}

#[test]
fn claims_counters_and_freezes_conflict_by_their_entry() {
    fn title(world: &mut World, number: &str) -> (TransactionBuilder, Vec<Who>) {
        let state = crate::contract::title::title_state(&world.title(number), Depositor.address());
        let id = ContractId::built_in(crate::contract::title::NAME);
        let builder = world.build(Operator).output(state);
        (builder.command(id, crate::contract::title::ISSUE, &wire::TitleIssue {}), vec![Operator, Depositor])
    }
    fn issue(world: &mut World, definition: StateRef) -> (TransactionBuilder, Vec<Who>) {
        let command = world.issue_command(5, &format!("deposit at {}", world.ledger.height()));
        let builder = world.build(BankA).current(definition).output(world.holding(BankB, 5));
        (builder.command(ContractId::built_in(token::NAME), token::ISSUE, &command), vec![BankA, Attestor])
    }
    fn freeze(world: &mut World, who: Who) -> (TransactionBuilder, Vec<Who>) {
        let subjects = vec![FreezeSubject::Address(who.address()).to_wire()];
        let command = wire::ChainFreeze { subjects, reference: "order".to_owned() };
        let builder = world.build(Administrator);
        (builder.command(ContractId::built_in(chain::NAME), chain::FREEZE, &command), vec![Administrator])
    }
    check(|world, _| [title(world, "WR-1"), title(world, "WR-1")], true);
    check(|world, _| [title(world, "WR-1"), title(world, "WR-2")], false);
    check(|world, held| [issue(world, held[2]), issue(world, held[2])], true);
    check(|world, held| [issue(world, held[2]), pay(world, Depositor, held[0])], false);
    check(|world, held| [freeze(world, Depositor), pay(world, Depositor, held[0])], true);
    check(|world, held| [freeze(world, Supplier), pay(world, Depositor, held[0])], false);
}

/// Clusters as they are defined: whoever conflicts with a member is a member.
fn clusters_slowly(footprints: &[Footprint]) -> Vec<Vec<usize>> {
    let mut left: Vec<usize> = (0..footprints.len()).collect();
    let mut clusters = Vec::new();
    while !left.is_empty() {
        let mut cluster = vec![left.remove(0)];
        while let Some(found) = left.iter().position(|place| {
            cluster.iter().any(|member: &usize| footprints[*member].conflicts_with(&footprints[*place]))
        }) {
            cluster.push(left.remove(found));
        }
        cluster.sort();
        clusters.push(cluster);
    }
    clusters
}

fn block(world: &World, transactions: Vec<VerifiedTransaction>) -> (Ledger, Vec<String>) {
    let proposed =
        ProposedBlock { time_ms: world.now_ms, transactions, journal: Vec::new(), directory: world.ledger.directory() };
    let (block, refused) = contextual(proposed, &world.ledger);
    let mut ledger = world.ledger.clone();
    ledger.apply(&block).unwrap();
    (ledger, refused.into_iter().map(|(_, rejection)| rejection.code).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn clusters_are_those_of_the_definition(deeds in deeds(1..40)) {
        let (world, signed) = Market::new().signed(&deeds);
        let footprints: Vec<_> = verified(&world, &signed).iter().map(|one| Footprint::of(one, &world.ledger)).collect();
        prop_assert_eq!(clusters(&footprints), clusters_slowly(&footprints));
    }

    /// Whoever is accepted alone is accepted in any company that does not conflict, in any order, with the same result.
    #[test]
    fn accepted_alone_is_accepted_in_company(deeds in deeds(1..40), turn in any::<prop::sample::Index>()) {
        let (world, signed) = Market::new().signed(&deeds);
        let mut company: Vec<VerifiedTransaction> = Vec::new();
        for transaction in verified(&world, &signed) {
            let alone = block(&world, vec![transaction.clone()]).1.is_empty();
            let footprint = Footprint::of(&transaction, &world.ledger);
            if alone && company.iter().all(|member| !Footprint::of(member, &world.ledger).conflicts_with(&footprint)) {
                company.push(transaction);
            }
        }
        prop_assume!(!company.is_empty());
        let (ledger, refused) = block(&world, company.clone());
        prop_assert_eq!(refused, Vec::<String>::new());
        let middle = turn.index(company.len());
        company.rotate_left(middle);
        company.reverse();
        let (other, refused) = block(&world, company);
        prop_assert_eq!(refused, Vec::<String>::new());
        prop_assert_eq!(other.state_root(), ledger.state_root());
    }
}
