//! Many signed transactions in one request, for platforms that collect signatures themselves.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use futures_util::StreamExt;
use futures_util::stream;
use hive_chain::{Accepted, SubmitError};
use hive_plug::error::{ApiError, ApiResult};
use hive_plug::guard::SignedIn;
use hive_plug::proposal::LedgerPosition;
use hive_plug::scalar::{BigInt, DateTime, Hash, Hex};
use hive_plug::{RequestContext, UserError, Warning};

/// Transactions of one request.
const TRANSACTIONS_MAX: usize = 1_000;
/// Of them so many wait for the ledger at the same time.
const CONCURRENT: usize = 256;

/// Fields that submit.
#[derive(Default)]
pub struct SubmissionMutation;

/// Signed transactions.
#[derive(InputObject)]
pub struct SubmitTransactionsInput {
    /// The chain.
    chain: ID,
    /// 1 to 1,000 signed transactions in canonical form. One that was accepted before gets its first answer again.
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
    /// True if the node was too busy to look at it; send it again.
    busy: bool,
    /// The rules that refuse it.
    user_errors: Vec<UserError>,
    /// What it is worth looking at though nothing refuses it; said once, with the first answer.
    warnings: Vec<Warning>,
}

#[Object]
impl SubmissionMutation {
    /// Submits signed transactions; answers once each is in a durable block or refused. Needs a sign-in;
    /// whether a transaction is authorised, its signatures and its submitter's permissions say.
    #[graphql(guard = SignedIn, complexity = 100)]
    async fn submit_transactions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The chain and the transactions.")] input: SubmitTransactionsInput,
    ) -> ApiResult<SubmitTransactionsPayload> {
        let chain = context.chain(&input.chain)?;
        if input.transactions.is_empty() || input.transactions.len() > TRANSACTIONS_MAX {
            return Err(ApiError::bad_input(format!("give 1 to {TRANSACTIONS_MAX} transactions")));
        }
        let node = context.node()?;
        let submissions = (0u32..).zip(input.transactions).map(|(index, transaction)| async move {
            let outcome = node.submit(&chain, transaction.0).await;
            result(context, index, outcome)
        });
        let results: Vec<SubmissionResult> = stream::iter(submissions).buffered(CONCURRENT).collect().await;
        let accepted = results.iter().filter(|result| result.ledger.is_some()).count();
        Ok(SubmitTransactionsPayload {
            results,
            accepted_count: u32::try_from(accepted).unwrap_or(u32::MAX),
            user_errors: Vec::new(),
        })
    }
}

fn result(context: &Context<'_>, index: u32, outcome: Result<Accepted, SubmitError>) -> SubmissionResult {
    let bare = SubmissionResult {
        index,
        ledger: None,
        replayed: false,
        busy: false,
        user_errors: Vec::new(),
        warnings: Vec::new(),
    };
    match outcome {
        Ok(accepted) => SubmissionResult {
            ledger: Some(position(&accepted)),
            replayed: accepted.replayed,
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
