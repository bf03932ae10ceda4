//! Builds transactions; salt, window and anchor come from the caller, who has clock and randomness.

use prost::Message;

use crate::date::Date;
use crate::id::{Address, ChainId, CommandId, ContractId, EvidenceHash, StateRef};
use crate::state::State;
use crate::transaction::{Anchor, Command, Reference, ReferenceKind, TimeWindow, Transaction};

/// What every transaction needs from its submitter.
#[derive(Clone, Debug)]
pub struct TransactionFrame {
    /// The chain.
    pub chain: ChainId,
    /// 32 random bytes.
    pub salt: [u8; 32],
    /// Who submits.
    pub submitter: Address,
    /// The submitter's intention.
    pub command_id: CommandId,
    /// When it may stand in a block.
    pub time_window: TimeWindow,
    /// The business date.
    pub effective_on: Date,
    /// What the submitter has seen of the chain.
    pub anchor: Anchor,
}

/// Collects the parts of a transaction.
#[derive(Clone, Debug)]
pub struct TransactionBuilder {
    transaction: Transaction,
}

impl TransactionBuilder {
    /// An empty transaction.
    pub fn new(frame: TransactionFrame) -> Self {
        let TransactionFrame { chain, salt, submitter, command_id, time_window, effective_on, anchor } = frame;
        Self {
            transaction: Transaction {
                chain,
                salt,
                submitter,
                command_id,
                time_window,
                effective_on,
                anchor,
                inputs: Vec::new(),
                references: Vec::new(),
                outputs: Vec::new(),
                commands: Vec::new(),
                attachments: Vec::new(),
                claims: Vec::new(),
                metadata: Vec::new(),
            },
        }
    }

    /// Consumes a state.
    pub fn input(mut self, state: StateRef) -> Self {
        self.transaction.inputs.push(state);
        self
    }

    /// Reads an unspent state.
    pub fn current(mut self, state: StateRef) -> Self {
        self.transaction.references.push(Reference { state, kind: ReferenceKind::Current });
        self
    }

    /// Reads a state that may be spent.
    pub fn past(mut self, state: StateRef) -> Self {
        self.transaction.references.push(Reference { state, kind: ReferenceKind::Past });
        self
    }

    /// Creates a state.
    pub fn output(mut self, state: State) -> Self {
        self.transaction.outputs.push(state);
        self
    }

    /// Asks something of a contract.
    pub fn command(mut self, contract: ContractId, name: &str, arguments: &impl Message) -> Self {
        let command = Command { contract, name: name.to_owned(), arguments: arguments.encode_to_vec() };
        self.transaction.commands.push(command);
        self
    }

    /// Names a document.
    pub fn attachment(mut self, document: EvidenceHash) -> Self {
        self.transaction.attachments.push(document);
        self
    }

    /// Adds free text; keys are put in order.
    pub fn metadata(mut self, key: &str, value: &str) -> Self {
        self.transaction.metadata.push((key.to_owned(), value.to_owned()));
        self.transaction.metadata.sort();
        self
    }

    /// Goes on from a transaction.
    #[cfg(test)]
    pub(crate) fn of(transaction: Transaction) -> Self {
        Self { transaction }
    }

    /// The same with something in it that no builder makes: for tests of what is refused.
    #[cfg(test)]
    pub(crate) fn changed(mut self, change: impl FnOnce(&mut Transaction)) -> Self {
        change(&mut self.transaction);
        self
    }

    /// The transaction, its claims not yet filled in; see [`crate::verify::fill_claims`].
    pub fn build(self) -> Transaction {
        self.transaction
    }
}
