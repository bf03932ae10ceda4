//! The result of a batch is that of one transaction after another, and so is that of a replayed block.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;

use super::market::{Deed, Jumbled, Market, deeds};
use crate::encoding::encode;
use crate::fixture::*;
use crate::transaction::ResolvedState;
use crate::verify::{
    Batch, Depth, InTurn, ProposedBlock, VerifiedTransaction, contextual, replay, replay_by, structural,
};
use crate::view::{Standing, View};
use crate::{Address, Block, Ledger, PartyEntry, Rejection, StateRef, TransactionId, block};

type Results = Vec<Result<VerifiedTransaction, Rejection>>;

/// The chain, and what was verified or refused before: the slow and obvious model.
#[derive(Clone)]
struct OneByOne<'l> {
    ledger: &'l Ledger,
    verified: Vec<VerifiedTransaction>,
    refused: BTreeSet<TransactionId>,
}

impl View for OneByOne<'_> {
    fn state(&self, reference: &StateRef) -> Option<ResolvedState> {
        let Some(parent) = self.verified.iter().find(|verified| verified.id() == reference.transaction) else {
            return self.ledger.state(reference);
        };
        let transaction = &parent.ledger().transaction;
        let state = transaction.outputs.get(reference.index as usize)?;
        let claims = transaction.claims_of(reference.index);
        Some(ResolvedState { reference: *reference, state: Arc::new(state.clone()), claims })
    }

    fn party(&self, address: &Address) -> Option<Arc<PartyEntry>> {
        self.ledger.party(address)
    }

    fn standing(&self, transaction: &TransactionId) -> Standing {
        match self.verified.iter().find(|verified| verified.id() == *transaction) {
            Some(parent) => Standing::Pending(parent.ledger().transaction.command_id),
            None if self.refused.contains(transaction) => Standing::Refused,
            None => Standing::Unknown,
        }
    }
}

fn one_by_one(world: &World, signed: &[Vec<u8>]) -> Results {
    let mut view = OneByOne { ledger: &world.ledger, verified: Vec::new(), refused: BTreeSet::new() };
    let mut results = Vec::new();
    for bytes in signed {
        let read = structural(bytes, &world.ledger.chain());
        let id = read.as_ref().ok().map(|read| read.id());
        let resolved = read.and_then(|read| read.resolve(&view)).map_err(Rejection::from);
        let result = resolved.and_then(|resolved| world.rules().semantic(resolved, &view).map_err(Rejection::from));
        match (&result, id) {
            (Ok(verified), _) => view.verified.push(verified.clone()),
            (Err(_), Some(id)) => drop(view.refused.insert(id)),
            (Err(_), None) => {}
        }
        results.push(result);
    }
    results
}

fn batched(world: &World, signed: &[Vec<u8>], workers: &Jumbled) -> Results {
    let transactions = signed.iter().map(|bytes| Arc::from(bytes.as_slice())).collect();
    let batch = Batch::read(transactions, world.ledger.chain(), workers);
    let results = batch.verify(world.rules(), &world.ledger, workers);
    results.into_iter().map(|result| result.map_err(Rejection::from)).collect()
}

fn summary(results: &Results) -> Vec<String> {
    let shown = |result: &Result<VerifiedTransaction, Rejection>| match result {
        Ok(verified) => format!("{:?} {:?} {:?}", verified.id(), verified.conditions(), verified.effects()),
        Err(rejection) => rejection.to_string(),
    };
    results.iter().map(shown).collect()
}

/// The block of what was verified, what it refuses, and the chain after it.
fn committed(world: &World, results: Results) -> (Block, Vec<String>, Ledger) {
    let transactions = results.into_iter().flatten().collect();
    let proposed =
        ProposedBlock { time_ms: world.now_ms, transactions, journal: Vec::new(), directory: world.ledger.directory() };
    let (verified, refused) = contextual(proposed, &world.ledger);
    let mut ledger = world.ledger.clone();
    ledger.apply(&verified).unwrap();
    let sealed = verified.sealed(block::seal(&verified.hash(), &World::recorder()));
    (sealed, refused.into_iter().map(|(_, rejection)| rejection.to_string()).collect(), ledger)
}

fn check(deeds: &[Deed], workers: &Jumbled) -> Result<(), TestCaseError> {
    let (world, signed) = Market::new().signed(deeds);
    let (one_by_one, batched) = (one_by_one(&world, &signed), batched(&world, &signed, workers));
    prop_assert_eq!(summary(&batched), summary(&one_by_one));
    let (block, refused, ledger) = committed(&world, one_by_one);
    let (same_block, same_refused, _) = committed(&world, batched);
    prop_assert_eq!(encode(&same_block), encode(&block));
    prop_assert_eq!(same_refused, refused);
    prop_assert_eq!(crate::invariant::broken(&ledger), []);
    for depth in [Depth::Everything, Depth::Sealed] {
        let replayed = replay_by(&block, &world.ledger, &world.ledger, world.rules(), depth, workers);
        let mut after = world.ledger.clone();
        after.apply(&replayed.map_err(|error| TestCaseError::fail(error.to_string()))?).unwrap();
        prop_assert_eq!(format!("{after:?}"), format!("{ledger:?}"));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_batch_gives_what_one_by_one_gives(
        deeds in deeds(1..48),
        width in 1usize..9,
        seed in 0usize..1_000,
    ) {
        check(&deeds, &Jumbled { width, seed })?;
    }

    /// Of a block with one changed byte in a transaction both ways of replay say the same.
    #[test]
    fn a_damaged_block_is_refused_alike(
        deeds in deeds(4..24),
        place in any::<prop::sample::Index>(),
        byte in any::<prop::sample::Index>(),
        width in 2usize..9,
    ) {
        let (world, signed) = Market::new().signed(&deeds);
        let (mut block, ..) = committed(&world, one_by_one(&world, &signed));
        prop_assume!(!block.transactions.is_empty());
        let transaction = place.get_mut(&mut block.transactions);
        *byte.get_mut(transaction) ^= 1;
        let in_turn = replay(&block, &world.ledger, &world.ledger, world.rules(), Depth::Everything).map(|_| ());
        let workers = Jumbled { width, seed: 3 };
        let side_by_side =
            replay_by(&block, &world.ledger, &world.ledger, world.rules(), Depth::Everything, &workers).map(|_| ());
        prop_assert!(in_turn.is_err());
        prop_assert_eq!(side_by_side, in_turn);
    }
}

#[test]
fn bytes_that_are_no_transaction_are_refused_in_their_place() {
    let (world, mut signed) = Market::new().signed(&[Deed::Title { number: 1 }, Deed::Title { number: 2 }]);
    signed.insert(1, b"nonsense".to_vec());
    let results = batched(&world, &signed, &Jumbled { width: 2, seed: 0 });
    let codes: Vec<_> = results.iter().map(|result| result.as_ref().map(|_| ()).map_err(|r| r.code.as_str())).collect();
    assert_eq!(codes, [Ok(()), Err("ENCODING_MALFORMED"), Ok(())]);
    assert!(
        Batch::read(Vec::new(), world.ledger.chain(), &InTurn).verify(world.rules(), &world.ledger, &InTurn).is_empty()
    );
}
