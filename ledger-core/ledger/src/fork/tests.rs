use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::disclosure::Selection;
use crate::encoding::encode;
use crate::fixture::*;
use crate::proof::state::Question;
use crate::{Coded, StateRef};

/// Two histories of one chain, sealed by one recorder: equal up to a payment, which the second does not have.
struct Histories {
    first: World,
    paid: StateRef,
    second: World,
    common: u64,
}

fn histories() -> Histories {
    let begin = || {
        let mut world = World::new();
        let definition = world.define();
        let held = world.issue(definition, Depositor, 100);
        (world, held)
    };
    let ((mut first, held), (mut second, same)) = (begin(), begin());
    assert_eq!((held, first.ledger.tip()), (same, second.ledger.tip()));
    let common = first.ledger.height();
    let payment = first.transfer(Depositor, &[held], &[(Supplier, 100)]);
    let paid = StateRef { transaction: first.accept(payment, &[Depositor]), index: 0 };
    let other = second.transfer(Depositor, &[held], &[(BankB, 100)]);
    second.accept(other, &[Depositor]);
    // Signed after the payment, its anchor is the payment's block.
    first.issue_title("WR-1");
    second.issue_title("WR-2");
    Histories { first, paid, second, common }
}

#[track_caller]
fn check(archive: &World, sightings: Vec<Sighting>, expected: Result<Agreement, (&str, u64)>) {
    let ledger = verify_archive(&archive.archive()).unwrap().ledger;
    let found = compare(&ledger, sightings);
    let height = |fork: Fork| match fork {
        Fork::TwoSealed { height, .. } | Fork::AnchorElsewhere { height, .. } => (fork.code(), height),
    };
    assert_eq!(found.map_err(height), expected);
}

#[test]
fn two_archives_of_a_rewritten_history_show_the_first_height_that_differs() {
    let Histories { first, second, common, .. } = histories();
    let heights = first.ledger.height() + 1;
    let all = |world: &World| of_ledger(&world.ledger).collect::<Vec<_>>();
    check(&first, all(&first), Ok(Agreement { compared: heights, beyond: 0 }));
    check(&first, all(&second), Err(("FORK_TWO_SEALED", common + 1)));
    check(&second, all(&first), Err(("FORK_TWO_SEALED", common + 1)));
}

#[test]
fn a_longer_archive_of_the_same_history_agrees() {
    let Histories { first, .. } = histories();
    let all: Vec<_> = of_ledger(&first.ledger).collect();
    let mut shorter = World::new();
    shorter.define();
    let compared = shorter.ledger.height() + 1;
    let beyond = first.ledger.height() - shorter.ledger.height();
    check(&shorter, all, Ok(Agreement { compared, beyond }));
}

#[test]
fn a_proof_of_the_first_history_convicts_the_second() {
    let Histories { mut first, paid, second, common } = histories();
    let proof = first.inclusion(paid.transaction);
    proof.verify().unwrap();
    check(&second, of_inclusion(&proof).unwrap(), Err(("FORK_TWO_SEALED", common + 1)));
    check(&first, of_inclusion(&proof).unwrap(), Ok(Agreement { compared: 3, beyond: 0 }));
    let shown = Disclosure::of(&proof, &Selection::default()).unwrap();
    let disclosed = shown.verify().unwrap().included.transaction;
    check(&second, of_disclosure(&shown, disclosed).unwrap(), Err(("FORK_TWO_SEALED", common + 1)));
    let state = first.prove(&Question::State(paid, BTreeSet::new())).unwrap();
    let beyond = Sighting { height: 99, block: BlockHash::default(), witness: Witness::Seal };
    let seen = [of_state_proof(&state).unwrap(), vec![beyond]].concat();
    check(&first, seen.clone(), Ok(Agreement { compared: 2, beyond: 1 }));
    check(&second, seen, Err(("FORK_TWO_SEALED", first.ledger.height() - 1)));
}

/// Beyond the archive's tip only the anchor of the signers is left to convict it.
#[test]
fn signers_who_anchored_a_lost_block_convict_the_archive() {
    let Histories { first, mut second, common, .. } = histories();
    second.blocks.pop();
    let mut short = Ledger::from_genesis(second.ledger.genesis().clone()).unwrap();
    for block in &second.blocks {
        let verified =
            crate::verify::replay(block, &short, &short, second.rules(), crate::verify::Depth::Everything).unwrap();
        short.apply(&verified).unwrap();
    }
    assert_eq!(short.height(), common + 1);
    let titled = first.blocks.last().unwrap();
    let signed = crate::SignedTransaction::decode(&titled.transactions[0]).unwrap();
    let id = signed.transaction.id().unwrap();
    let proof = first.inclusion(id);
    proof.verify().unwrap();
    let selection = Selection { components: BTreeSet::from([5]), fields: BTreeMap::new() };
    let shown = Disclosure::of(&proof, &selection).unwrap();
    assert!(
        encode(&shown)
            .windows(32)
            .any(|window| window == first.blocks[usize::try_from(common).unwrap()].header.hash().as_bytes())
    );
    for sightings in [of_inclusion(&proof).unwrap(), of_disclosure(&shown, id).unwrap()] {
        let anchored: Vec<_> = sightings.into_iter().filter(|seen| seen.witness == Witness::Signers(id)).collect();
        let [seen] = anchored.as_slice() else { panic!("{anchored:?}") };
        let archived = short.block_hash(common + 1).unwrap();
        let expected = Fork::AnchorElsewhere { height: common + 1, archived, other: seen.block, transaction: id };
        assert_eq!(compare(&short, anchored), Err(expected));
    }
}
