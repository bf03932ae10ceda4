//! What became of a consumed state, for whoever built a transaction on it and lost the race.

use ledger_core::{Block, ChainId, SignedTransaction, State, StateRef, TransactionId};

use crate::error::ChainError;
use crate::hosted::HostedChain;
use crate::node::{CommittedTransaction, Node, Shared};
use crate::storage::{signed, state_store, unsigned};

/// Transactions that are followed from a consumed state to its present one.
pub const SUCCESSIONS_MAX: usize = 8;

/// What became of a consumed state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The transaction that consumed it.
    pub consumed_by: CommittedTransaction,
    /// What stands in its place and is unspent, where one state followed another all the way, at most [`SUCCESSIONS_MAX`] times:
    /// so it is with agreements, rounds, loans and whatever else keeps its identity.
    pub present: Option<(StateRef, State)>,
}

impl Node {
    /// What became of a state; none while it is unspent, or if the chain never had it.
    ///
    /// # Errors
    /// The chain is not hosted, or the database failed.
    pub async fn succession(&self, chain: &ChainId, state: &StateRef) -> Result<Option<Succession>, ChainError> {
        let chain = self.opened(chain).await?;
        let Some((consumed_by, mut next)) = self.shared.consumer(&chain, state).await? else { return Ok(None) };
        for _ in 0..SUCCESSIONS_MAX {
            let Some(successor) = next else { break };
            let unspent = chain.unspent(&successor, &self.shared.contracts).map(|state| State::clone(&state));
            if let Some(present) = unspent {
                return Ok(Some(Succession { consumed_by, present: Some((successor, present)) }));
            }
            next = self.shared.consumer(&chain, &successor).await?.and_then(|(_, next)| next);
        }
        Ok(Some(Succession { consumed_by, present: None }))
    }
}

impl Shared {
    /// The transaction that consumed a state, and the one output of the state's contract and kind that it created, if it is one.
    async fn consumer(
        &self,
        chain: &HostedChain,
        state: &StateRef,
    ) -> Result<Option<(CommittedTransaction, Option<StateRef>)>, ChainError> {
        let (is_unspent, states) =
            chain.read(|chain| (chain.ledger().is_unspent(state), chain.holdings().states())).await?;
        if is_unspent {
            return Ok(None);
        }
        let Some(place) = self.place(chain, &state.transaction).await? else { return Ok(None) };
        let (height, position) = (signed("state", "height", place.height)?, i64::from(place.position));
        let place = state_store::Place { height, position, output_index: i64::from(state.index) };
        let count = signed("state", "number", states)?;
        let among = (chain.number, count);
        let Some(row) = state_store::at(self.database.read(), among, place).await? else { return Ok(None) };
        let Some(spent_height) = row.spent_height else { return Ok(None) };
        let height = unsigned("state", "spent_height", spent_height)?;
        let block = self.known_block(chain, height).await?;
        let state = *state;
        // A block may be large, and whoever serves requests does not wait for it to be looked through.
        let looked = tokio::task::spawn_blocking(move || consumer_within(&block, height, &state)).await;
        let found = looked.map_err(|error| ChainError::Stopped(error.to_string()))??;
        let (committed, outputs) =
            found.ok_or_else(|| chain.broken(height, &"no transaction of the block consumes what it is said to"))?;
        let next = sole_output(committed.id, &outputs, &row.contract, &row.kind);
        Ok(Some((committed, next)))
    }
}

/// The transaction of a block that consumes a state, with its outputs; only those are decoded that name the state at all.
fn consumer_within(
    block: &Block,
    height: u64,
    state: &StateRef,
) -> Result<Option<(CommittedTransaction, Vec<State>)>, ChainError> {
    let named = state.transaction.as_bytes();
    for (position, bytes) in (0u32..).zip(&block.transactions) {
        if !bytes.windows(named.len()).any(|window| window == named) {
            continue;
        }
        let consuming = SignedTransaction::decode(bytes)?.transaction;
        if consuming.inputs.contains(state) {
            let (id, recorded_at_ms) = (consuming.id()?, block.header.time_ms);
            let committed = CommittedTransaction { id, height, position, recorded_at_ms, bytes: bytes.clone() };
            return Ok(Some((committed, consuming.outputs)));
        }
    }
    Ok(None)
}

fn sole_output(transaction: TransactionId, outputs: &[State], contract: &str, kind: &str) -> Option<StateRef> {
    let name = contract.split('@').next().unwrap_or(contract);
    let mut same = (0u32..).zip(outputs).filter(|(_, state)| state.is(name, kind));
    match (same.next(), same.next()) {
        (Some((index, _)), None) => Some(StateRef { transaction, index }),
        _ => None,
    }
}
