//! The way of one transaction to the producer: known already? then form and rules on a blocking thread, then the mempool.

use std::sync::Arc;

use ledger_core::verify::{ConditionError, Examined, MissingSigner, Rules, VerifiedTransaction, structural};
use ledger_core::{ChainId, CommandId, PartySignature, Rejection, Transaction, TransactionId, Warning};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::error::{ChainError, SubmitError};
use crate::hosted::HostedChain;
use crate::mempool::{PendingTransaction, Request};
use crate::node::{CommittedTransaction, Node, Shared};
use crate::past::{Past, Present};

/// A transaction that is in a durable block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The chain.
    pub chain: ChainId,
    /// Height of the block.
    pub height: u64,
    /// Place in the block, from 0.
    pub position: u32,
    /// The transaction's id.
    pub transaction: TransactionId,
    /// Time of the block, milliseconds UTC.
    pub recorded_at_ms: u64,
    /// True when the same transaction was accepted before and this is its first answer again.
    pub replayed: bool,
    /// What it is worth looking at though nothing refuses it; said once, with the first answer.
    pub warnings: Vec<Warning>,
}

/// What the rules say of an unsigned transaction that nothing refuses.
#[derive(Clone, Debug)]
pub struct CheckedTransaction {
    /// Its states, signers, conditions and effects.
    pub examined: Examined,
    /// What it is worth looking at before anybody signs.
    pub warnings: Vec<Warning>,
}

/// What a submission says it is.
#[derive(Clone, Copy)]
struct Sent {
    id: TransactionId,
    command: CommandId,
}

/// What a submission turns out to be before it is queued.
struct Checked {
    sent: Sent,
    verified: Result<VerifiedTransaction, Rejection>,
}

impl Shared {
    /// What verification needs besides transaction and view.
    pub(crate) fn rules(&self) -> Rules<'_> {
        Rules { contracts: &self.contracts, claim_secret: &self.claim_secret }
    }

    /// First and second stage. Runs on a blocking thread.
    fn verify(&self, chain: &HostedChain, bytes: &[u8], runtime: Handle) -> Result<Checked, Rejection> {
        let structural = structural(bytes, &chain.id)?;
        let sent = Sent { id: structural.id(), command: structural.transaction().command_id };
        let ledger = chain.ledger();
        let view = Present { ledger: &ledger, past: Past { shared: self, chain, runtime } };
        let resolved = structural.resolve(&view).map_err(Rejection::from);
        let verified = resolved.and_then(|resolved| self.rules().semantic(resolved, &view).map_err(Rejection::from));
        Ok(Checked { sent, verified })
    }
}

impl Node {
    /// Submits a signed transaction; answers once it is in a durable block, or refused.
    ///
    /// The same transaction again gets its first answer, flagged `replayed`; another one under its command id is refused
    /// with `COMMAND_REPLAYED`.
    ///
    /// # Errors
    /// A rule refuses it, the chain is not hosted, the node is busy or has stopped.
    pub async fn submit(&self, chain: &ChainId, bytes: Vec<u8>) -> Result<Accepted, SubmitError> {
        let chain = self.shared.hosted(chain).ok_or(SubmitError::UnknownChain(*chain))?;
        self.is_accepting()?;
        let slot = self.mempool.slot()?;
        let bytes: Arc<[u8]> = bytes.into();
        let submitted = Arc::clone(&bytes);
        let checked =
            self.blocking(&chain, move |shared, chain, runtime| shared.verify(chain, &submitted, runtime)).await?;
        let Checked { sent, verified } = checked.map_err(SubmitError::Rejected)?;
        let outcome = match verified {
            Ok(verified) => {
                let (answer, answered) = oneshot::channel();
                let pending =
                    PendingTransaction { chain: Arc::clone(&chain), verified, bytes: bytes.len(), answer, slot };
                self.mempool.send(Request::Transaction(Box::new(pending)));
                answered.await.unwrap_or_else(|_| Err(shutting_down()))
            }
            Err(rejection) => Err(SubmitError::Rejected(rejection)),
        };
        match outcome {
            // A refusal may only mean that it was accepted before: its inputs are spent, its command is used.
            Err(SubmitError::Rejected(rejection)) => self.replayed(&chain, &sent, &bytes, rejection).await,
            outcome => outcome,
        }
    }

    /// Checks an unsigned transaction against every rule but signatures, as if it stood in the next block.
    ///
    /// # Errors
    /// A rule refuses it, or the chain is not hosted.
    pub async fn check(&self, chain: &ChainId, transaction: Transaction) -> Result<CheckedTransaction, SubmitError> {
        let chain = self.shared.hosted(chain).ok_or(SubmitError::UnknownChain(*chain))?;
        let now_ms = self.shared.now_ms();
        self.blocking(&chain, move |shared, chain, runtime| {
            let ledger = chain.ledger();
            let view = Present { ledger: &ledger, past: Past { shared, chain, runtime } };
            let examined = shared.rules().examine(transaction, &view)?;
            examined.conditions_hold(&ledger, now_ms.max(ledger.time_ms().saturating_add(1)))?;
            Ok(CheckedTransaction { warnings: examined.warnings(&ledger), examined })
        })
        .await?
    }

    /// Whose signatures an unsigned transaction still needs, with a smallest set of keys for each; checks those given.
    ///
    /// # Errors
    /// A rule refuses the transaction or a signature, or the chain is not hosted.
    pub async fn missing(
        &self,
        chain: &ChainId,
        transaction: Transaction,
        signatures: Vec<PartySignature>,
    ) -> Result<Vec<MissingSigner>, SubmitError> {
        let chain = self.shared.hosted(chain).ok_or(SubmitError::UnknownChain(*chain))?;
        self.blocking(&chain, move |shared, chain, runtime| {
            let ledger = chain.ledger();
            let view = Present { ledger: &ledger, past: Past { shared, chain, runtime } };
            let examined = shared.rules().examine(transaction, &view)?;
            Ok(shared.rules().missing(&examined, &signatures, &view)?)
        })
        .await?
    }

    /// The transaction with the claims that its contracts name, ready to be checked and signed.
    ///
    /// # Errors
    /// A state it names is not at hand, a contract refuses it, or the chain is not hosted.
    pub async fn fill_claims(&self, chain: &ChainId, transaction: Transaction) -> Result<Transaction, SubmitError> {
        let chain = self.shared.hosted(chain).ok_or(SubmitError::UnknownChain(*chain))?;
        self.blocking(&chain, move |shared, chain, runtime| {
            let ledger = chain.ledger();
            let view = Present { ledger: &ledger, past: Past { shared, chain, runtime } };
            Ok(shared.rules().fill_claims(transaction, &view)?)
        })
        .await?
    }

    /// The first answer again when this very transaction is committed, else the refusal. A command that was accepted with
    /// another transaction is refused for that, not for the inputs which that other one has consumed.
    async fn replayed(
        &self,
        chain: &HostedChain,
        sent: &Sent,
        bytes: &[u8],
        rejection: Rejection,
    ) -> Result<Accepted, SubmitError> {
        // These two are what an accepted command looks like from outside; any other refusal stands on its own.
        let may_be_accepted = ["STATE_NOT_UNSPENT", "COMMAND_REPLAYED"].contains(&rejection.code.as_str());
        let accepted = chain.ledger().command(&sent.command);
        match accepted {
            Some(transaction) if transaction == sent.id => {}
            Some(transaction) if may_be_accepted => {
                return Err(ConditionError::CommandReplayed { transaction }.into());
            }
            _ => return Err(SubmitError::Rejected(rejection)),
        }
        let unreadable = |error: ChainError| SubmitError::Stopped(error.to_string());
        match self.shared.by_command(chain, &sent.command).await.map_err(unreadable)? {
            Some(committed) if may_be_accepted || committed.bytes == bytes => Ok(accepted_again(chain.id, &committed)),
            _ => Err(SubmitError::Rejected(rejection)),
        }
    }

    /// Runs work on a blocking thread, as many at a time as the node verifies.
    async fn blocking<R: Send + 'static>(
        &self,
        chain: &Arc<HostedChain>,
        work: impl FnOnce(&Shared, &HostedChain, Handle) -> R + Send + 'static,
    ) -> Result<R, SubmitError> {
        let turn = self.mempool.verifier().await?;
        let (shared, chain, runtime) = (Arc::clone(&self.shared), Arc::clone(chain), Handle::current());
        let done = tokio::task::spawn_blocking(move || {
            let result = work(&shared, &chain, runtime);
            drop(turn);
            result
        });
        done.await.map_err(|error| SubmitError::Stopped(format!("verification did not finish: {error}")))
    }
}

fn accepted_again(chain: ChainId, committed: &CommittedTransaction) -> Accepted {
    Accepted {
        chain,
        height: committed.height,
        position: committed.position,
        transaction: committed.id,
        recorded_at_ms: committed.recorded_at_ms,
        replayed: true,
        warnings: Vec::new(),
    }
}

fn shutting_down() -> SubmitError {
    SubmitError::Stopped("the node is shutting down".to_owned())
}
