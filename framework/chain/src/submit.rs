//! The way of one transaction to the executor and back: a place in the mempool, then its answer; known already?

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use futures_util::{StreamExt, stream};
use ledger_core::verify::{ConditionError, Examined, MissingSigner, Rules, UnsignedError};
use ledger_core::{
    Address, ChainId, ClaimCheck, PartySignature, Rejection, SignedTransaction, Transaction, TransactionId, Warning,
};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tracing::Instrument;

use crate::config::Durability;
use crate::error::SubmitError;
use crate::executor::pending::Tip;
use crate::executor::{Origin, Sent, Submission, Submitted};
use crate::hosted::HostedChain;
use crate::node::{CommittedTransaction, Node, Shared};
use crate::past::Past;

/// A transaction that is in a block of the database.
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
    /// What the answer promises of its block.
    pub durability: Durability,
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

/// A submission that is under way.
struct UnderWay {
    bytes: Arc<[u8]>,
    sent: Arc<OnceLock<Sent>>,
    answered: oneshot::Receiver<Result<Accepted, SubmitError>>,
}

/// Submissions of one request whose answers are looked up at the same time.
const ANSWERS_AT_ONCE: usize = 64;

impl Shared {
    /// What verification needs besides transaction and view.
    pub(crate) fn rules(&self) -> Rules<'_> {
        Rules { contracts: &self.contracts, claims: ClaimCheck::Secret(&self.claim_secret) }
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
        self.submit_all(chain, vec![bytes]).await.pop().unwrap_or(Err(SubmitError::Busy))
    }

    /// Submits signed transactions in their order, with one result for each, as [`Node::submit`] gives it. One may spend or
    /// read what an earlier one of them, or one that is still under way, creates.
    pub async fn submit_all(&self, chain: &ChainId, transactions: Vec<Vec<u8>>) -> Vec<Result<Accepted, SubmitError>> {
        let refused = |error: SubmitError| transactions.iter().map(|_| Err(error.clone())).collect();
        let hosted = match self.held_to_submit(chain).await {
            Ok(hosted) => hosted,
            Err(error) => return refused(error),
        };
        if let Err(error) = self.is_accepting() {
            transactions.iter().for_each(|_| self.shared.meter.refused(hosted.number, &error));
            return refused(error);
        }
        let mut transactions = transactions;
        let (asked, mut refusals) = (transactions.len(), Vec::new());
        for (place, bytes) in transactions.iter().enumerate() {
            if let Err(error) = self.learn_signers_of(&hosted, bytes).await {
                // None behind it is taken: it might be its child.
                refusals.push(error);
                transactions.truncate(place);
                break;
            }
        }
        let span = tracing::trace_span!("receive", chain = %hosted.id, count = transactions.len());
        let mut outcomes = self.send(&hosted, transactions, Origin::Outside).instrument(span).await;
        outcomes.extend(refusals.into_iter().map(|error| self.count_refusal(&hosted, Err(error))));
        self.filled_with_busy(&hosted, outcomes, asked)
    }

    /// Submits a step that nobody need sign, which the node itself has built; answers as [`Node::submit`] does.
    ///
    /// # Errors
    /// A rule refuses it, the chain is not hosted, the node is busy or has stopped.
    pub async fn submit_unsigned(&self, chain: &ChainId, transaction: Transaction) -> Result<Accepted, SubmitError> {
        let chain = self.held_to_submit(chain).await?;
        self.is_accepting()?;
        let bytes = SignedTransaction::new(transaction, Vec::new()).encode();
        self.send(&chain, vec![bytes], Origin::Node).await.pop().unwrap_or(Err(SubmitError::Busy))
    }

    /// Submits steps that the node itself has built, together; each answers as [`Node::submit_unsigned`] does.
    pub(crate) async fn submit_steps(
        &self,
        chain: &Arc<HostedChain>,
        steps: Vec<Transaction>,
    ) -> Vec<Result<Accepted, SubmitError>> {
        let bytes = steps.into_iter().map(|step| SignedTransaction::new(step, Vec::new()).encode()).collect();
        self.send(chain, bytes, Origin::Node).await
    }

    async fn send(
        &self,
        chain: &Arc<HostedChain>,
        transactions: Vec<Vec<u8>>,
        origin: Origin,
    ) -> Vec<Result<Accepted, SubmitError>> {
        let (mut submitted, mut under_way) = (Vec::new(), Vec::new());
        for bytes in &transactions {
            // Once one finds no place, none behind it is taken: it might be its child.
            let Ok(slot) = self.mempool.slot(chain) else { break };
            let (bytes, sent): (Arc<[u8]>, _) = (Arc::from(bytes.as_slice()), Arc::default());
            let (answer, answered) = oneshot::channel();
            submitted.push(Submitted { bytes: Arc::clone(&bytes), origin, sent: Arc::clone(&sent), answer, slot });
            under_way.push(UnderWay { bytes, sent, answered });
        }
        self.mempool.submit(Submission { chain: Arc::clone(chain), transactions: submitted });
        let outcomes = stream::iter(under_way).map(|under_way| self.outcome(chain, under_way));
        let outcomes: Vec<_> = outcomes.buffered(ANSWERS_AT_ONCE).collect().await;
        self.filled_with_busy(chain, outcomes, transactions.len())
    }

    /// Those that found no place, behind the others.
    fn filled_with_busy(
        &self,
        chain: &HostedChain,
        mut outcomes: Vec<Result<Accepted, SubmitError>>,
        count: usize,
    ) -> Vec<Result<Accepted, SubmitError>> {
        while outcomes.len() < count {
            outcomes.push(self.count_refusal(chain, Err(SubmitError::Busy)));
        }
        outcomes
    }

    fn count_refusal(
        &self,
        chain: &HostedChain,
        outcome: Result<Accepted, SubmitError>,
    ) -> Result<Accepted, SubmitError> {
        outcome.inspect_err(|error| self.shared.meter.refused(chain.number, error))
    }

    async fn outcome(&self, chain: &HostedChain, under_way: UnderWay) -> Result<Accepted, SubmitError> {
        let UnderWay { bytes, sent, answered } = under_way;
        let outcome = match (answered.await.unwrap_or_else(|_| Err(shutting_down())), sent.get()) {
            // A refusal may only mean that it was accepted before: its inputs are spent, its command is used.
            (Err(SubmitError::Rejected(rejection)), Some(sent)) => self.replayed(chain, sent, &bytes, rejection).await,
            (outcome, _) => outcome,
        };
        self.count_refusal(chain, outcome)
    }

    /// Checks an unsigned transaction against every rule but signatures, as if it stood in the next block.
    ///
    /// # Errors
    /// A rule refuses it, or the chain is not hosted.
    pub async fn check(&self, chain: &ChainId, transaction: Transaction) -> Result<CheckedTransaction, SubmitError> {
        let chain = self.held_to_submit(chain).await?;
        if transaction.submitter == Address::NOBODY {
            return Err(UnsignedError::NoSubmitter.into());
        }
        self.learn_signers(&chain, &transaction, BTreeSet::new()).await?;
        let now_ms = self.shared.now_ms();
        self.blocking(&chain, move |shared, chain, runtime| {
            let examined = shared.rules().examine(transaction, &Tip::committed(Past::new(shared, chain, runtime)))?;
            let ledger = chain.ledger();
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
        let chain = self.held_to_submit(chain).await?;
        let signed_for = signatures.iter().map(|given| given.party).collect();
        self.learn_signers(&chain, &transaction, signed_for).await?;
        self.blocking(&chain, move |shared, chain, runtime| {
            let view = Tip::committed(Past::new(shared, chain, runtime));
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
        let chain = self.held_to_submit(chain).await?;
        self.fill_claims_on(&chain, transaction).await
    }

    /// As [`Node::fill_claims`], on a chain that is open.
    pub(crate) async fn fill_claims_on(
        &self,
        chain: &Arc<HostedChain>,
        transaction: Transaction,
    ) -> Result<Transaction, SubmitError> {
        self.blocking(chain, move |shared, chain, runtime| {
            Ok(shared.rules().fill_claims(transaction, &Tip::committed(Past::new(shared, chain, runtime)))?)
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
        let accepted =
            chain.read(|chain| chain.ledger().command(&sent.command)).await.map_err(SubmitError::unreadable)?;
        match accepted {
            Some(transaction) if transaction == sent.id => {}
            Some(transaction) if may_be_accepted => {
                return Err(ConditionError::CommandReplayed { transaction }.into());
            }
            _ => return Err(SubmitError::Rejected(rejection)),
        }
        match self.shared.by_command(chain, &sent.command).await.map_err(SubmitError::unreadable)? {
            Some(committed) if may_be_accepted || committed.bytes == bytes => {
                Ok(self.accepted_again(chain.id, &committed))
            }
            _ => Err(SubmitError::Rejected(rejection)),
        }
    }

    fn accepted_again(&self, chain: ChainId, committed: &CommittedTransaction) -> Accepted {
        Accepted {
            chain,
            height: committed.height,
            position: committed.position,
            transaction: committed.id,
            recorded_at_ms: committed.recorded_at_ms,
            replayed: true,
            durability: self.shared.durability,
            warnings: Vec::new(),
        }
    }

    /// Runs work on a blocking thread, as many at a time as the node verifies.
    pub(crate) async fn blocking<R: Send + 'static>(
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

fn shutting_down() -> SubmitError {
    SubmitError::Stopped("the node is shutting down".to_owned())
}
