//! What a refusal for a consumed state tells of what became of it.

use async_graphql::Context;
use hive_plug::error::{ApiError, ApiResult};
use hive_plug::guard::sees;
use hive_plug::{RequestContext, UserError};
use ledger_core::transaction::ReferenceKind;
use ledger_core::{ChainId, SignedTransaction, StateRef, Transaction};

use super::parties;

/// True when another transaction was first.
pub(super) fn is_too_late(error: &UserError) -> bool {
    error.code == "STATE_NOT_UNSPENT"
}

/// The refusal with what became of the first consumed state that the transaction needs, to those who take part in that. It
/// stands as it is where that cannot be read.
pub(super) async fn told(context: &Context<'_>, chain: &ChainId, refused: &Transaction, error: UserError) -> UserError {
    if !is_too_late(&error) {
        return error;
    }
    let current = refused.references.iter().filter(|reference| reference.kind == ReferenceKind::Current);
    for state in refused.inputs.iter().chain(current.map(|reference| &reference.state)) {
        match of_state(context, chain, state, error.clone()).await {
            Ok(Some(told)) => return told,
            Ok(None) => {}
            Err(unread) => {
                tracing::warn!(%chain, %state, %unread, "what became of a consumed state cannot be told");
                return error;
            }
        }
    }
    error
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
