//! First stage: bytes alone. Form, sizes, order, and what no chain could make right.

use std::collections::BTreeSet;
use std::sync::Arc;

use thiserror::Error;

use crate::codes;
use crate::encoding::EncodingError;
use crate::id::{Address, ChainId, CommandId, ContractId, StateRef, TransactionId};
use crate::transaction::{
    Content, LedgerTransaction, PartySignature, Reference, SignedTransaction, TimeWindow, Transaction,
};
use crate::view::{Standing, View};

/// Why bytes are no transaction of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StructuralError {
    /// Not the canonical wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// Made for another chain.
    #[error("the transaction is for chain {actual}, not {expected}")]
    OtherChain {
        /// This chain.
        expected: ChainId,
        /// The transaction's chain.
        actual: ChainId,
    },
    /// The window is empty or too long.
    #[error("the time window of {} ms must be over 0 and at most {} ms (30 days)", until_ms.saturating_sub(*from_ms), TimeWindow::LONGEST_MS)]
    Window {
        /// Begin, milliseconds UTC.
        from_ms: u64,
        /// End, milliseconds UTC.
        until_ms: u64,
    },
    /// No command.
    #[error("the transaction has no command; a change is always asked of a contract")]
    NoCommand,
    /// Two commands for one contract.
    #[error("the transaction has two commands for {contract}; split it")]
    CommandRepeated {
        /// The contract.
        contract: ContractId,
    },
    /// Another party's command id, which would be used up with it.
    #[error("the command id {command} is not of the submitter {submitter}; it ends in the last 8 bytes of its address")]
    CommandOfAnother {
        /// The command id.
        command: CommandId,
        /// Who submits.
        submitter: Address,
    },
    /// A state stands twice among inputs and references.
    #[error("the state {state} is named twice among inputs and references")]
    StateRepeated {
        /// The state.
        state: StateRef,
    },
    /// A claim for an output that does not exist.
    #[error("a claim names output {output}, the transaction has {outputs}")]
    ClaimWithoutOutput {
        /// The output named.
        output: u32,
        /// Number of outputs.
        outputs: usize,
    },
    /// An input or reference that is not at hand.
    #[error(
        "the state {state} is not unspent on this chain: it was consumed already or never existed; read the present state and build the transaction again"
    )]
    StateNotUnspent {
        /// The state.
        state: StateRef,
    },
    /// It spends or reads an output of a transaction that was refused.
    #[error("the transaction {parent}, whose output this one names, was refused; build both again")]
    ParentRejected {
        /// The refused transaction.
        parent: TransactionId,
    },
}

codes!(StructuralError {
    OtherChain => "TRANSACTION_OTHER_CHAIN",
    Window => "TRANSACTION_WINDOW",
    NoCommand => "TRANSACTION_NO_COMMAND",
    CommandRepeated => "TRANSACTION_COMMAND_REPEATED",
    CommandOfAnother => "COMMAND_OF_ANOTHER",
    StateRepeated => "TRANSACTION_STATE_REPEATED",
    ClaimWithoutOutput => "TRANSACTION_CLAIM_WITHOUT_OUTPUT",
    StateNotUnspent => "STATE_NOT_UNSPENT",
    ParentRejected => "PARENT_REJECTED",
} inner { Encoding });

/// A transaction that passed the first stage.
#[derive(Clone, Debug)]
pub struct StructuralTransaction {
    content: Content,
    bytes: Arc<[u8]>,
    /// Boxed, as it is large and passes through many hands.
    signed: Box<SignedTransaction>,
}

/// Reads bytes as a signed transaction of this chain.
pub fn structural(bytes: &[u8], chain: &ChainId) -> Result<StructuralTransaction, StructuralError> {
    let (signed, content) = SignedTransaction::decode_with_content(bytes)?;
    has_sound_structure(&signed.transaction, chain)?;
    Ok(StructuralTransaction { content, bytes: bytes.into(), signed: Box::new(signed) })
}

/// Checks what no chain could make right.
pub(super) fn has_sound_structure(transaction: &Transaction, chain: &ChainId) -> Result<(), StructuralError> {
    if transaction.chain != *chain {
        return Err(StructuralError::OtherChain { expected: *chain, actual: transaction.chain });
    }
    let (command, submitter) = (transaction.command_id, transaction.submitter);
    if !command.is_of(&submitter) {
        return Err(StructuralError::CommandOfAnother { command, submitter });
    }
    let TimeWindow { from_ms, until_ms } = transaction.time_window;
    if from_ms >= until_ms || until_ms.saturating_sub(from_ms) > TimeWindow::LONGEST_MS {
        return Err(StructuralError::Window { from_ms, until_ms });
    }
    if transaction.commands.is_empty() {
        return Err(StructuralError::NoCommand);
    }
    let mut contracts = BTreeSet::new();
    if let Some(command) = transaction.commands.iter().find(|command| !contracts.insert(command.contract.name())) {
        return Err(StructuralError::CommandRepeated { contract: command.contract.clone() });
    }
    let mut named = BTreeSet::new();
    let references = transaction.references.iter().map(|reference| reference.state);
    if let Some(state) = transaction.inputs.iter().copied().chain(references).find(|state| !named.insert(*state)) {
        return Err(StructuralError::StateRepeated { state });
    }
    let outputs = transaction.outputs.len();
    let missing = |output: u32| usize::try_from(output).map_or(true, |output| output >= outputs);
    match transaction.claims.iter().find(|claim| missing(claim.output)) {
        Some(claim) => Err(StructuralError::ClaimWithoutOutput { output: claim.output, outputs }),
        None => Ok(()),
    }
}

impl StructuralTransaction {
    /// The id.
    pub fn id(&self) -> TransactionId {
        self.content.id
    }

    /// What was signed.
    pub fn transaction(&self) -> &Transaction {
        &self.signed.transaction
    }

    /// The signed transaction's canonical bytes.
    pub(super) fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    /// Finds the states that the transaction names.
    pub fn resolve(self, view: &dyn View) -> Result<ResolvedTransaction, StructuralError> {
        let Self { content, bytes, signed } = self;
        let SignedTransaction { transaction, signatures } = *signed;
        let Content { id, output_digests, .. } = content;
        Ok(ResolvedTransaction { bytes, signatures, output_digests, ledger: resolve(id, transaction, view)? })
    }
}

/// Finds the states that a transaction names.
pub(super) fn resolve(
    id: TransactionId,
    transaction: Transaction,
    view: &dyn View,
) -> Result<LedgerTransaction, StructuralError> {
    let find = |state: &StateRef| view.state(state).ok_or_else(|| not_at_hand(*state, view));
    let inputs = transaction.inputs.iter().map(find).collect::<Result<_, _>>()?;
    let read = |reference: &Reference| find(&reference.state);
    let references = transaction.references.iter().map(read).collect::<Result<_, _>>()?;
    Ok(LedgerTransaction { id, transaction, inputs, references })
}

/// Why a state is not at hand: of a refused transaction, or never there.
fn not_at_hand(state: StateRef, view: &dyn View) -> StructuralError {
    match view.standing(&state.transaction) {
        Standing::Refused => StructuralError::ParentRejected { parent: state.transaction },
        Standing::Unknown | Standing::Pending(_) => StructuralError::StateNotUnspent { state },
    }
}

/// A transaction with signatures whose states are at hand.
#[derive(Clone, Debug)]
pub struct ResolvedTransaction {
    pub(super) bytes: Arc<[u8]>,
    pub(super) signatures: Vec<PartySignature>,
    pub(super) output_digests: Vec<[u8; 32]>,
    pub(super) ledger: LedgerTransaction,
}
