//! Many signed transactions in one request, for platforms that collect signatures themselves.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use hive_chain::{Accepted, Durability, JournalRecord, SubmitError};
use hive_plug::error::{ApiError, ApiResult};
use hive_plug::guard::SignedIn;
use hive_plug::proposal::LedgerPosition;
use hive_plug::scalar::{BigInt, DateTime, Hash, Hex};
use hive_plug::{RequestContext, UserError, Warning};
use ledger_core::{ChainId, SignedTransaction};
use serde_json::{Value, json};

use super::succession;

/// Transactions of one request.
const TRANSACTIONS_MAX: usize = 1_000;

/// Refusals that one journal entry names; of any further it tells the number.
const REFUSALS_TOLD_MAX: usize = 256;

/// Refusals of one request for a consumed state that say what became of it.
const SUCCESSIONS_TOLD_MAX: usize = 4;

/// Fields that submit.
#[derive(Default)]
pub struct SubmissionMutation;

/// Signed transactions.
#[derive(InputObject)]
pub struct SubmitTransactionsInput {
    /// The chain.
    chain: ID,
    /// 1 to 1,000 signed transactions in canonical form, taken in order: one may spend or read an output of an earlier one,
    /// or of one that is still under way, and is refused with `PARENT_REJECTED` if that one is refused. One that was
    /// accepted before gets its first answer again.
    transactions: Vec<Hex>,
}

/// What became of signed transactions.
#[derive(SimpleObject)]
pub struct SubmitTransactionsPayload {
    /// One result for each, in their order.
    results: Vec<SubmissionResult>,
    /// How many stand on the ledger.
    accepted_count: u32,
    /// Why nothing was tried.
    user_errors: Vec<UserError>,
}

/// What became of one signed transaction.
#[derive(SimpleObject)]
pub struct SubmissionResult {
    /// Its place in the request, from 0.
    index: u32,
    /// Where it stands on the ledger; none if it was refused.
    ledger: Option<LedgerPosition>,
    /// True if it was accepted before and this is its first answer again.
    replayed: bool,
    /// True if it stands on the ledger and its block is on the disk. False where the node is set to answer a little earlier:
    /// the last answers before its machine fails may then be lost, and the transactions are to be sent again.
    durable: bool,
    /// True if the node was too busy to look at it, or has stopped and cannot say what became of it; send it again: what stands
    /// on the ledger gets its first answer.
    busy: bool,
    /// The rules that refuse it. `STATE_NOT_UNSPENT` has the details `consumedState`, `consumedBy` and `presentState` as far as
    /// the caller may know them: what another transaction, which was first, has made of the state. They stand with the first 4
    /// such refusals of a request.
    user_errors: Vec<UserError>,
    /// What it is worth looking at though nothing refuses it; said once, with the first answer.
    warnings: Vec<Warning>,
}

#[Object]
impl SubmissionMutation {
    /// Submits signed transactions; answers once each is in a durable block or refused. Needs a sign-in;
    /// whether a transaction is authorised, its signatures and its submitter's permissions say.
    #[graphql(guard = SignedIn)]
    async fn submit_transactions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The chain and the transactions.")] input: SubmitTransactionsInput,
    ) -> ApiResult<SubmitTransactionsPayload> {
        let chain = context.chain(&input.chain)?;
        if input.transactions.is_empty() || input.transactions.len() > TRANSACTIONS_MAX {
            return Err(ApiError::bad_input(format!("give 1 to {TRANSACTIONS_MAX} transactions")));
        }
        let sent: Vec<Vec<u8>> = input.transactions.into_iter().map(|transaction| transaction.0).collect();
        let outcomes = context.node()?.submit_all(&chain, sent.clone()).await;
        let refusals = (0u32..).zip(&sent).zip(&outcomes);
        let refusals = refusals.filter_map(|((index, bytes), outcome)| refusal(index, bytes, outcome)).collect();
        let mut results: Vec<_> =
            (0u32..).zip(outcomes).map(|(index, outcome)| result(context, index, outcome)).collect();
        tell_successions(context, &chain, &sent, &mut results).await;
        // What stands on the ledger is told whatever the journal says.
        if let Err(error) = put_on_record(context, &chain, refusals).await {
            tracing::warn!(%chain, %error, "refused transactions are not in the journal");
        }
        let accepted = results.iter().filter(|result| result.ledger.is_some()).count();
        Ok(SubmitTransactionsPayload {
            results,
            accepted_count: u32::try_from(accepted).unwrap_or(u32::MAX),
            user_errors: Vec::new(),
        })
    }
}

/// Of the first transactions that were too late, what became of the states they consume.
async fn tell_successions(context: &Context<'_>, chain: &ChainId, sent: &[Vec<u8>], results: &mut [SubmissionResult]) {
    let late = |result: &&mut SubmissionResult| result.user_errors.iter().any(succession::is_too_late);
    for result in results.iter_mut().filter(late).take(SUCCESSIONS_TOLD_MAX) {
        let bytes = usize::try_from(result.index).ok().and_then(|place| sent.get(place));
        let Some(Ok(signed)) = bytes.map(|bytes| SignedTransaction::decode(bytes)) else { continue };
        for error in &mut result.user_errors {
            *error = succession::told(context, chain, &signed.transaction, error.clone()).await;
        }
    }
}

/// What the journal says of a refused transaction: its id, or nothing of one that is no transaction.
fn refusal(index: u32, bytes: &[u8], outcome: &Result<Accepted, SubmitError>) -> Option<Value> {
    let Err(SubmitError::Rejected(rejection)) = outcome else { return None };
    let id = SignedTransaction::decode(bytes).ok().and_then(|signed| signed.transaction.id().ok());
    Some(json!({ "index": index, "code": rejection.code, "transaction": id.map(|id| id.to_string()) }))
}

/// One entry in the chain's journal for all refusals of a request, as a refusal leaves nothing on the ledger.
async fn put_on_record(context: &Context<'_>, chain: &ChainId, mut refusals: Vec<Value>) -> ApiResult<()> {
    if refusals.is_empty() {
        return Ok(());
    }
    let refused = refusals.len();
    refusals.truncate(REFUSALS_TOLD_MAX);
    let record = JournalRecord {
        actor: context.principal()?.party(),
        kind: "transactions_refused".to_owned(),
        subject: refused.to_string(),
        content: json!({ "refused": refused, "refusals": refusals }).to_string().into_bytes(),
    };
    context.node()?.journal(chain, record).await.map_err(|error| ApiError::busy(error.to_string()))?;
    Ok(())
}

fn result(context: &Context<'_>, index: u32, outcome: Result<Accepted, SubmitError>) -> SubmissionResult {
    let bare = SubmissionResult {
        index,
        ledger: None,
        replayed: false,
        durable: false,
        busy: false,
        user_errors: Vec::new(),
        warnings: Vec::new(),
    };
    match outcome {
        Ok(accepted) => SubmissionResult {
            ledger: Some(position(&accepted)),
            replayed: accepted.replayed,
            durable: accepted.durability == Durability::Durable,
            warnings: context.localised_warnings(accepted.warnings.iter().map(Into::into).collect()),
            ..bare
        },
        Err(SubmitError::Rejected(rejection)) => {
            SubmissionResult { user_errors: vec![context.localised(UserError::of(rejection))], ..bare }
        }
        Err(_) => SubmissionResult { busy: true, ..bare },
    }
}

fn position(accepted: &Accepted) -> LedgerPosition {
    LedgerPosition {
        height: BigInt(accepted.height),
        position: accepted.position,
        transaction_id: Hash(*accepted.transaction.as_bytes()),
        recorded_at: DateTime(accepted.recorded_at_ms),
    }
}
