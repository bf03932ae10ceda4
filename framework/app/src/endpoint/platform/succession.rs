//! What a refusal for a consumed state tells of what became of it.

use async_graphql::Context;
use hive_plug::error::{ApiError, ApiResult};
use hive_plug::guard::sees;
use hive_plug::{RequestContext, UserError};
use ledger_core::{ChainId, SignedTransaction, StateRef, Transaction};

use super::parties;

/// True when another transaction was first.
pub(super) fn is_too_late(error: &UserError) -> bool {
    error.code == "STATE_NOT_UNSPENT"
}

/// The refusal with what became of the first consumed state that the transaction names, to those who take part in that.
pub(super) async fn told(
    context: &Context<'_>,
    chain: &ChainId,
    refused: &Transaction,
    error: UserError,
) -> ApiResult<UserError> {
    if !is_too_late(&error) {
        return Ok(error);
    }
    let read = refused.references.iter().map(|reference| &reference.state);
    for state in refused.inputs.iter().chain(read) {
        if let Some(told) = of_state(context, chain, state, error.clone()).await? {
            return Ok(told);
        }
    }
    Ok(error)
}

async fn of_state(
    context: &Context<'_>,
    chain: &ChainId,
    state: &StateRef,
    error: UserError,
) -> ApiResult<Option<UserError>> {
    let Some(succession) = context.node()?.succession(chain, state).await? else { return Ok(None) };
    let principal = context.principal()?;
    let consuming = SignedTransaction::decode(&succession.consumed_by.bytes).map_err(ApiError::internal)?;
    let mut told = error;
    if sees(principal, chain, &parties::of_transaction(&consuming)) {
        told = told.with("consumedState", state).with("consumedBy", succession.consumed_by.id);
    }
    if let Some((present, state)) = &succession.present
        && sees(principal, chain, &parties::of_state(state))
    {
        told = told.with("presentState", present);
    }
    Ok(Some(told))
}
