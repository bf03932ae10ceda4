//! The ledger as such: blocks, transactions with their proofs, what became of a command, a dry run.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use hive_chain::{CheckedTransaction, CommittedTransaction, SubmitError};
use hive_plug::error::{ApiError, ApiResult};
use hive_plug::guard::{SignedIn, sees};
use hive_plug::proposal::LedgerPosition;
use hive_plug::scalar::{BigInt, DateTime, Hash, Hex, PartyAddress};
use hive_plug::{RequestContext, UserError, Warning};
use ledger_core::encoding::encode;
use ledger_core::{ChainId, CommandId, Required, SignedTransaction, Transaction, TransactionId};

use super::{parties, succession};

/// Fields that read the ledger.
#[derive(Default)]
pub struct LedgerQuery;

/// A block's header with its seal.
#[derive(SimpleObject)]
pub struct Block {
    /// The chain.
    chain: ID,
    /// Its height, from 1.
    height: BigInt,
    /// The hash of its header.
    hash: Hash,
    /// The hash of the block before it.
    previous: Hash,
    /// When it was recorded.
    recorded_at: DateTime,
    /// Root of the tree over its transactions.
    transaction_root: Hash,
    /// How many transactions it holds.
    transaction_count: u32,
    /// Root of the tree over its journal entries.
    journal_root: Hash,
    /// How many journal entries it folds in.
    journal_count: u32,
    /// Root of the map of unspent states after the block before it.
    state_root: Hash,
    /// The recorder's signature over the hash.
    finality: Hex,
}

/// A transaction on the ledger, for those who take part in it.
#[derive(SimpleObject)]
#[graphql(complex, name = "LedgerTransaction")]
pub struct LedgerTransactionObject {
    /// Its id.
    id: Hash,
    /// Where it stands.
    ledger: LedgerPosition,
    /// The signed transaction in canonical form.
    bytes: Hex,
    #[graphql(skip)]
    chain: ChainId,
    #[graphql(skip)]
    transaction: TransactionId,
}

/// What became of a command.
#[derive(SimpleObject)]
pub struct CommandStatus {
    /// The command's id: hash of chain, party and idempotency key.
    command_id: Hash,
    /// Where its transaction stands; none if the ledger has accepted none so far.
    ledger: Option<LedgerPosition>,
}

/// What a transaction would need.
#[derive(SimpleObject)]
pub struct TransactionCheck {
    /// Its id.
    transaction_id: Option<Hash>,
    /// Who must sign, in which role, for which command.
    required_signatures: Vec<Signer>,
    /// The rules that refuse it; `STATE_NOT_UNSPENT` with the details that `submitTransactions` gives.
    user_errors: Vec<UserError>,
    /// What it is worth looking at before anybody signs, though nothing refuses it.
    warnings: Vec<Warning>,
}

/// A party that must sign.
#[derive(SimpleObject)]
pub struct Signer {
    /// The party.
    party: PartyAddress,
    /// As what.
    role: &'static str,
}

#[ComplexObject]
impl LedgerTransactionObject {
    /// A proof that it stands in a final block: `hive verify` checks it offline.
    async fn proof(&self, context: &Context<'_>) -> ApiResult<Hex> {
        let proof = context.node()?.proof(&self.chain, &self.transaction).await?;
        proof.map(|proof| Hex(encode(&proof))).ok_or_else(|| ApiError::not_found("transaction"))
    }
}

#[Object]
impl LedgerQuery {
    /// A block of a chain that the caller takes part in; none above the tip. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn block(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The chain.")] chain: ID,
        #[graphql(desc = "Its height, from 1.")] height: BigInt,
    ) -> ApiResult<Option<Block>> {
        let chain = context.chain(&chain)?;
        let block = context.node()?.block(&chain, height.0).await?;
        Ok(block.map(|block| {
            let header = &block.header;
            Block {
                chain: ID(chain.to_string()),
                height: BigInt(header.height),
                hash: Hash(*header.hash().as_bytes()),
                previous: Hash(*header.previous.as_bytes()),
                recorded_at: DateTime(header.time_ms),
                transaction_root: Hash(*header.transaction_root.as_bytes()),
                transaction_count: header.transaction_count,
                journal_root: Hash(*header.journal_root.as_bytes()),
                journal_count: header.journal_count,
                state_root: Hash(*header.state_root.as_bytes()),
                finality: Hex(block.finality.as_bytes().to_vec()),
            }
        }))
    }

    /// A transaction in which the caller's party takes part; none for any other. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn transaction(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The chain.")] chain: ID,
        #[graphql(desc = "The transaction's id.")] id: Hash,
    ) -> ApiResult<Option<LedgerTransactionObject>> {
        let chain = context.chain(&chain)?;
        let id = TransactionId::from_bytes(id.0);
        let Some(committed) = context.node()?.transaction(&chain, &id).await? else { return Ok(None) };
        let signed = SignedTransaction::decode(&committed.bytes).map_err(ApiError::internal)?;
        if !sees(context.principal()?, &chain, &parties::of_transaction(&signed)) {
            return Ok(None);
        }
        let ledger = position(&committed);
        Ok(Some(LedgerTransactionObject {
            id: Hash(*id.as_bytes()),
            ledger,
            bytes: Hex(committed.bytes),
            chain,
            transaction: id,
        }))
    }

    /// What became of a command of the caller's party, by the idempotency key it was given. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn command_status(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The chain.")] chain: ID,
        #[graphql(desc = "The key of the write.")] idempotency_key: String,
    ) -> ApiResult<CommandStatus> {
        let chain = context.chain(&chain)?;
        let command = CommandId::derive(&chain, &context.principal()?.party(), &idempotency_key);
        let committed = context.node()?.command(&chain, &command).await?;
        Ok(CommandStatus { command_id: Hash(*command.as_bytes()), ledger: committed.as_ref().map(position) })
    }

    /// Checks an unsigned transaction against every rule but signatures, and says who would have to sign. Needs a sign-in;
    /// only a party of the transaction may ask.
    #[graphql(guard = SignedIn)]
    async fn check_transaction(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The chain.")] chain: ID,
        #[graphql(desc = "The transaction in canonical form.")] transaction: Hex,
    ) -> ApiResult<TransactionCheck> {
        let chain = context.chain(&chain)?;
        let refused = |error: UserError| TransactionCheck {
            transaction_id: None,
            required_signatures: Vec::new(),
            user_errors: vec![context.localised(error)],
            warnings: Vec::new(),
        };
        let transaction = match Transaction::decode(&transaction.0) {
            Ok(transaction) => transaction,
            Err(error) => return Ok(refused(UserError::at(&["transaction"], error))),
        };
        if !context.principal()?.may_act_for(&transaction.submitter) {
            return Err(ApiError::forbidden("the submitter's own sign-in"));
        }
        match context.node()?.check(&chain, transaction.clone()).await {
            Ok(CheckedTransaction { examined, warnings }) => Ok(TransactionCheck {
                transaction_id: Some(Hash(*examined.ledger.id.as_bytes())),
                required_signatures: examined.required.iter().map(signer).collect(),
                user_errors: Vec::new(),
                warnings: context.localised_warnings(warnings.iter().map(Into::into).collect()),
            }),
            Err(error) => Ok(refused(succession::told(context, &chain, &transaction, submit_refused(error)?).await)),
        }
    }
}

fn signer(required: &Required) -> Signer {
    Signer { party: required.party.into(), role: required.role }
}

/// Where a committed transaction stands.
pub(super) fn position(committed: &CommittedTransaction) -> LedgerPosition {
    LedgerPosition {
        height: BigInt(committed.height),
        position: committed.position,
        transaction_id: Hash(*committed.id.as_bytes()),
        recorded_at: DateTime(committed.recorded_at_ms),
    }
}

/// The refusal of a rule as a user error; anything else as a top-level one.
pub(super) fn submit_refused(error: SubmitError) -> ApiResult<UserError> {
    match error {
        SubmitError::Rejected(rejection) => Ok(UserError::of(rejection)),
        SubmitError::Busy | SubmitError::Stopped(_) | SubmitError::Broken { .. } => {
            Err(ApiError::busy(error.to_string()))
        }
        SubmitError::UnknownChain(_) => Err(ApiError::not_found("chain")),
    }
}
