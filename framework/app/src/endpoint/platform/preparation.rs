//! Transactions that clients build themselves, with what only the node can fill in.

use async_graphql::{Context, ID, Object, SimpleObject};
use hive_chain::SubmitError;
use hive_plug::error::{ApiError, ApiResult};
use hive_plug::guard::SignedIn;
use hive_plug::scalar::{Hash, Hex};
use hive_plug::{RequestContext, UserError};
use ledger_core::{ChainId, Coded, Rejection, Transaction};

/// Transactions of one request.
const TRANSACTIONS_MAX: usize = 200;

/// A transaction ready to be signed.
#[derive(SimpleObject)]
pub struct PreparedTransaction {
    /// The transaction in canonical form: as it was given, with the claims its contracts name. A careful client compares.
    pub transaction: Option<Hex>,
    /// Its id.
    pub transaction_id: Option<Hash>,
    /// Why it cannot be prepared; empty if it can.
    pub user_errors: Vec<UserError>,
}

/// Fields for clients that build transactions themselves.
#[derive(Default)]
pub struct PreparationQuery;

#[Object]
impl PreparationQuery {
    /// The same unsigned transactions with their claims filled in: keys of claims follow from the chain's claim secret,
    /// which only the node knows. For platforms that build and sign many transactions themselves, before
    /// `submitTransactions`. Only transactions that you submit yourself; at most 200.
    #[graphql(guard = SignedIn)]
    async fn prepared_transactions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The chain.")] chain: ID,
        #[graphql(desc = "Unsigned transactions in canonical form.")] transactions: Vec<Hex>,
    ) -> ApiResult<Vec<PreparedTransaction>> {
        let chain = context.chain(&chain)?;
        if transactions.len() > TRANSACTIONS_MAX {
            return Err(ApiError::bad_input(format!("give at most {TRANSACTIONS_MAX} transactions")));
        }
        let mut prepared = Vec::with_capacity(transactions.len());
        for bytes in transactions {
            prepared.push(prepare(context, &chain, &bytes.0).await?);
        }
        Ok(prepared)
    }
}

async fn prepare(context: &Context<'_>, chain: &ChainId, bytes: &[u8]) -> ApiResult<PreparedTransaction> {
    let refused = |rejection: Rejection| PreparedTransaction {
        transaction: None,
        transaction_id: None,
        user_errors: vec![context.localised(UserError::of(rejection))],
    };
    let transaction = match Transaction::decode(bytes) {
        Ok(transaction) => transaction,
        Err(error) => return Ok(refused(error.into())),
    };
    if !context.principal()?.may_act_for(&transaction.submitter) {
        return Err(ApiError::forbidden("the submitter's own sign-in"));
    }
    match context.node()?.fill_claims(chain, transaction).await {
        Ok(filled) => {
            let id = filled.id().map_err(|error| ApiError::internal(error.code()))?;
            Ok(PreparedTransaction {
                transaction: Some(Hex(filled.encode())),
                transaction_id: Some(Hash(*id.as_bytes())),
                user_errors: Vec::new(),
            })
        }
        Err(SubmitError::Rejected(rejection)) => Ok(refused(rejection)),
        Err(error) => Err(ApiError::busy(error.to_string())),
    }
}
