//! What the states of a transaction stand for, read once for all rules of the core.

use crate::contract::{ContractSet, Holding};
use crate::error::ContractError;
use crate::state::State;
use crate::transaction::LedgerTransaction;

/// The quantities of inputs and outputs, each at its place; none where a state stands for no quantity.
pub(super) struct Holdings {
    inputs: Vec<Option<Holding>>,
    outputs: Vec<Option<Holding>>,
}

impl Holdings {
    /// Of a transaction; a state that its contract cannot read is refused.
    pub(super) fn of(ledger: &LedgerTransaction, contracts: &ContractSet) -> Result<Self, ContractError> {
        Ok(Self {
            inputs: ledger.inputs.iter().map(|input| contracts.holding(&input.state)).collect::<Result<_, _>>()?,
            outputs: ledger
                .transaction
                .outputs
                .iter()
                .map(|state| contracts.holding(state))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Consumed states, in their order, with what they stand for.
    pub(super) fn of_inputs<'t>(
        &self,
        ledger: &'t LedgerTransaction,
    ) -> impl Iterator<Item = (&'t State, Option<Holding>)> {
        ledger.inputs.iter().map(|input| input.state.as_ref()).zip(self.inputs.iter().copied())
    }

    /// Created states, in their order, with what they stand for.
    pub(super) fn of_outputs<'t>(
        &self,
        ledger: &'t LedgerTransaction,
    ) -> impl Iterator<Item = (&'t State, Option<Holding>)> {
        ledger.transaction.outputs.iter().zip(self.outputs.iter().copied())
    }
}
