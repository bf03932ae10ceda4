//! Proofs of what a chain's state map holds, for those who may see it: `hive verify` checks them offline.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, Object, SimpleObject};
use hive_chain::ProveError;
use hive_plug::error::{ApiError, ApiResult};
use hive_plug::guard::{SignedIn, sees};
use hive_plug::scalar::{BigInt, DateTime, Hash, Hex};
use hive_plug::{RequestContext, UserError};
use ledger_core::encoding::encode;
use ledger_core::proof::state::Question;
use ledger_core::{
    Address, ChainId, ClaimKey, Rejection, SignedTransaction, State, StateProof, StateRef, TransactionId,
};

use super::parties;

/// Fields of a state that one proof shows.
const FIELDS_MAX: usize = 256;

/// Fields that prove what the ledger holds.
#[derive(Default)]
pub struct StateProofQuery;

/// A proof of what the ledger held after a block, and what it says.
#[derive(SimpleObject)]
#[graphql(name = "StateProof")]
pub struct StateProofObject {
    /// The proof's bytes: `hive verify` checks them offline.
    proof: Hex,
    /// The block after which it was so; 0 = the genesis.
    height: BigInt,
    /// When the block that seals it was recorded.
    sealed_at: DateTime,
    /// Whether the state was unspent, or the claim held.
    holds: bool,
    /// Whether the state was unspent and carried no lock; none for a claim.
    unpledged: Option<bool>,
}

#[Object]
impl StateProofQuery {
    /// Proves that a state was unspent or consumed, for a party of the state or a supervisor; none for any other. The proof of
    /// a consumed state holds the whole transaction that created it, with all its states and signatures, so think whom you show
    /// it to. Without a height it is of the present. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn state_proof(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The chain.")] chain: ID,
        #[graphql(desc = "The transaction that created the state.")] transaction: Hash,
        #[graphql(desc = "The state's place among its outputs, from 0.")] output: u32,
        #[graphql(
            desc = "Places of the fields of its data that the proof shows while the state is unspent, from 0; the others stay hidden. Owner and locks are always shown."
        )]
        fields: Option<Vec<u32>>,
        #[graphql(desc = "The block after which it was so, below the last one.")] height: Option<BigInt>,
    ) -> ApiResult<Option<StateProofObject>> {
        let chain = context.chain(&chain)?;
        let fields = fields.unwrap_or_default();
        if fields.len() > FIELDS_MAX {
            return Err(ApiError::bad_input(format!("a proof shows at most {FIELDS_MAX} fields")));
        }
        let state = StateRef { transaction: TransactionId::from_bytes(transaction.0), index: output };
        let Some(created) = created(context, &chain, &state).await? else { return Ok(None) };
        if !sees(context.principal()?, &chain, &parties::of_state(&created)) {
            return Ok(None);
        }
        let question = Question::State(state, fields.into_iter().collect::<BTreeSet<_>>());
        let height = height.map(|height| height.0);
        let proof = context.node()?.state_proof(&chain, &question, height).await;
        let proof = proof.map_err(|error| refused(context, error))?;
        proof.map(|proof| told(&proof, true)).transpose()
    }

    /// Proves that a claim was held, and by which states, for a party of a state that holds it now or a supervisor; none for
    /// any other. Without a height it is of the present. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn claim_proof(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The chain.")] chain: ID,
        #[graphql(desc = "The claim's key.")] claim: Hash,
        #[graphql(desc = "The block after which it was so, below the last one.")] height: Option<BigInt>,
    ) -> ApiResult<Option<StateProofObject>> {
        let chain = context.chain(&chain)?;
        let key = ClaimKey::from_bytes(claim.0);
        let holders = context.node()?.read_ledger(&chain, |ledger| {
            let holders = ledger.claim(&key).into_iter().flat_map(|claim| claim.holders.iter());
            holders
                .filter_map(|holder| ledger.unspent(holder))
                .flat_map(|unspent| parties::of_state(&unspent.state))
                .collect()
        });
        let holders: Vec<Address> = holders.await?;
        if !sees(context.principal()?, &chain, &holders) {
            return Ok(None);
        }
        let height = height.map(|height| height.0);
        let proof = context.node()?.state_proof(&chain, &Question::Claim(key), height).await;
        let proof = proof.map_err(|error| refused(context, error))?;
        proof.map(|proof| told(&proof, false)).transpose()
    }
}

/// The state as its transaction created it.
async fn created(context: &Context<'_>, chain: &ChainId, state: &StateRef) -> ApiResult<Option<State>> {
    let Some(committed) = context.node()?.transaction(chain, &state.transaction).await? else { return Ok(None) };
    let outputs = SignedTransaction::decode(&committed.bytes).map_err(ApiError::internal)?.transaction.outputs;
    Ok(usize::try_from(state.index).ok().and_then(|place| outputs.into_iter().nth(place)))
}

fn told(proof: &StateProof, is_of_state: bool) -> ApiResult<StateProofObject> {
    let proved = proof.verify().map_err(ApiError::internal)?;
    Ok(StateProofObject {
        proof: Hex(encode(proof)),
        height: BigInt(proved.height),
        sealed_at: DateTime(proved.sealed_at_ms),
        holds: proof.subject.is_there(),
        unpledged: is_of_state.then(|| proved.is_unpledged()),
    })
}

/// What was asked wrongly is told; faults of the node are the log's.
fn refused(context: &Context<'_>, error: ProveError) -> ApiError {
    match error {
        ProveError::Busy => ApiError::busy(error.to_string()),
        ProveError::Chain(error) => ApiError::from(error),
        ProveError::Proof(_) | ProveError::HeightNotSealed { .. } | ProveError::HeightTooFar { .. } => {
            let refusal = Rejection { code: error.code().to_owned(), message: error.to_string() };
            ApiError::refused(context.localised(UserError::of(refusal)))
        }
    }
}
