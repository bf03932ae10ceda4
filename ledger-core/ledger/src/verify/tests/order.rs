use proptest::prelude::*;

use crate::fixture::*;
use crate::verify::{VerifiedTransaction, contextual, structural};
use crate::{Ledger, StateRef};

/// Verified payments of three parties; some spend the same holding.
fn payments(spends: &[usize]) -> (World, Vec<VerifiedTransaction>) {
    let mut world = World::new();
    let definition = world.define();
    let holdings: Vec<(Who, StateRef)> =
        [Depositor, Supplier, BankB].into_iter().map(|who| (who, world.issue(definition, who, 100))).collect();
    let mut verified = Vec::new();
    for spend in spends {
        let (who, state) = holdings[*spend];
        let builder = world.transfer(who, &[state], &[(BankA, 100)]);
        let bytes = World::sign(world.fill(builder), &[who]).encode();
        let resolved = structural(&bytes, &world.ledger.chain()).unwrap().resolve(&world.ledger).unwrap();
        verified.push(world.rules().semantic(resolved, &world.ledger).unwrap());
    }
    (world, verified)
}

fn commit(world: &World, transactions: Vec<VerifiedTransaction>) -> (Ledger, usize) {
    let proposed = world.proposed(transactions);
    let (block, refused) = contextual(proposed, &world.ledger);
    let mut ledger = world.ledger.clone();
    ledger.apply(&block).unwrap();
    assert_eq!(crate::invariant::broken(&ledger), []);
    (ledger, refused.len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Of payments that spend one holding exactly one is accepted; others do not mind the order.
    #[test]
    fn conflicts_leave_one_and_order_does_not_matter_without_them(
        spends in prop::collection::vec(0usize..3, 1..7),
        shuffled in any::<prop::sample::Index>(),
    ) {
        let (world, transactions) = payments(&spends);
        let distinct = spends.iter().collect::<std::collections::BTreeSet<_>>().len();
        let (_, refused) = commit(&world, transactions.clone());
        prop_assert_eq!(refused, spends.len() - distinct);

        let mut seen = std::collections::BTreeSet::new();
        let alone: Vec<_> = spends.iter().zip(&transactions).filter(|(spend, _)| seen.insert(**spend)).map(|(_, t)| t.clone()).collect();
        let mut rotated = alone.clone();
        rotated.rotate_left(shuffled.index(alone.len()));
        let ((in_order, _), (in_other_order, none)) = (commit(&world, alone), commit(&world, rotated));
        prop_assert_eq!(none, 0);
        prop_assert_eq!(in_order.state_root(), in_other_order.state_root());
    }
}

/// A block whose second transaction spends what its first created replays to the same ledger.
#[test]
fn chained_spends_stand_in_one_block() {
    let mut world = World::new();
    let definition = world.define();
    let held = world.issue(definition, Depositor, 100);
    let before = world.ledger.clone();
    let blocks = world.blocks.len();
    let builder = world.transfer(Depositor, &[held], &[(Supplier, 100)]);
    let first = World::sign(world.fill(builder), &[Depositor]);
    let id = world.submit_bytes(&first.encode()).unwrap();
    let builder = world.transfer(Supplier, &[StateRef { transaction: id, index: 0 }], &[(BankB, 100)]);
    let mut second = world.fill(builder);
    second.anchor = first.transaction.anchor;
    let second = World::sign(second, &[Supplier]);
    let after = world.ledger.clone();

    let verify = |bytes: &[u8], ledger: &Ledger| {
        let resolved = structural(bytes, &ledger.chain()).unwrap().resolve(ledger).unwrap();
        world.rules().semantic(resolved, ledger).unwrap()
    };
    let transactions = vec![verify(&first.encode(), &before), verify(&second.encode(), &after)];
    let proposed = world.proposed(transactions);
    let (block, refused) = contextual(proposed, &before);
    assert!(refused.is_empty());
    world.ledger = before;
    world.blocks.truncate(blocks);
    world.commit(&block);
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
    assert!(world.ledger.unspent(&StateRef { transaction: second.transaction.id().unwrap(), index: 0 }).is_some());
}
