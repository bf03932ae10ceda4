//! States of older versions of a contract become states of a newer one, by the command `upgrade` of the newer version.
//!
//! The newer version's contract verifies what becomes of the data; the older one is not asked. The core's frame sees to it that
//! nothing else changes: one input for one output, in order; owner, participants, locks, identities and quantity. So owners
//! sign, and lockers need not. What contracts read of each other's states goes by name, not version, so such a transaction
//! upgrades and does nothing besides.

use thiserror::Error;

use crate::codes;
use crate::condition::Condition;
use crate::contract::{ContractSet, UPGRADE};
use crate::id::{ClaimKey, ContractId};
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction, ResolvedState};
use crate::verify::semantic::SemanticError;

/// Why an upgrade is refused. A place is that of the state among the contract's own inputs, or outputs, from 0.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UpgradeError {
    /// Something else stands beside it.
    #[error("an upgrade stands alone: every command is an upgrade, and every state is of a contract that is upgraded")]
    StandsAlone,
    /// Not one output for each input.
    #[error("the upgrade to {contract} has {inputs} inputs and {outputs} outputs; it makes one of each, at least one")]
    NotOneToOne {
        /// The newer version.
        contract: ContractId,
        /// States consumed.
        inputs: usize,
        /// States created.
        outputs: usize,
    },
    /// A state that is not of an older version.
    #[error("the state at place {place} is of version {version}, the upgrade takes older ones than {newer}")]
    NotOlder {
        /// Its place.
        place: usize,
        /// Its version.
        version: u32,
        /// The version of the command.
        newer: u32,
    },
    /// An output of another version.
    #[error("the output at place {place} is of version {version}, the upgrade makes version {newer}")]
    NotNewer {
        /// Its place.
        place: usize,
        /// Its version.
        version: u32,
        /// The version of the command.
        newer: u32,
    },
    /// Another owner.
    #[error("the upgrade changes the owner of the state at place {place}; transfer it by a transaction of its own")]
    OwnerChanged {
        /// Its place.
        place: usize,
    },
    /// Other participants.
    #[error("the upgrade changes who takes part in the state at place {place}")]
    ParticipantsChanged {
        /// Its place.
        place: usize,
    },
    /// Other locks.
    #[error("the upgrade changes locks of the state at place {place}; they are carried as they are")]
    LocksChanged {
        /// Its place.
        place: usize,
    },
    /// Another asset, purpose or amount.
    #[error("the upgrade changes the quantity of the state at place {place}; asset, purpose and amount stay")]
    QuantityChanged {
        /// Its place.
        place: usize,
    },
    /// An identity that the input did not hold.
    #[error("the upgrade takes a new identity for the state at place {place}; it passes on those the state holds")]
    ClaimAdded {
        /// Its place.
        place: usize,
    },
}

codes!(UpgradeError {
    StandsAlone => "UPGRADE_STANDS_ALONE",
    NotOneToOne => "UPGRADE_NOT_ONE_TO_ONE",
    NotOlder => "UPGRADE_NOT_OLDER",
    NotNewer => "UPGRADE_NOT_NEWER",
    OwnerChanged => "UPGRADE_OWNER_CHANGED",
    ParticipantsChanged => "UPGRADE_PARTICIPANTS_CHANGED",
    LocksChanged => "UPGRADE_LOCKS_CHANGED",
    QuantityChanged => "UPGRADE_QUANTITY_CHANGED",
    ClaimAdded => "UPGRADE_CLAIM_ADDED",
});

/// True when the transaction upgrades states.
pub(super) fn is_upgrade(transaction: &LedgerTransaction) -> bool {
    transaction.transaction.commands.iter().any(|command| command.name == UPGRADE)
}

/// True when the transaction upgrades states of the contract of this name.
pub(super) fn is_upgraded(transaction: &LedgerTransaction, contract: &str) -> bool {
    transaction.command(contract).is_some_and(|command| command.name == UPGRADE)
}

/// The core's frame around every upgrade of the transaction.
pub(super) fn frame_holds(transaction: &LedgerTransaction, contracts: &ContractSet) -> Result<(), SemanticError> {
    if !is_upgrade(transaction) {
        return Ok(());
    }
    let commands = &transaction.transaction.commands;
    let inputs = transaction.inputs.iter().map(|input| input.state.as_ref());
    let mut states = inputs.chain(&transaction.transaction.outputs);
    if !states.all(|state| is_upgraded(transaction, state.contract.name()))
        || commands.iter().any(|command| command.name != UPGRADE)
    {
        return Err(UpgradeError::StandsAlone.into());
    }
    for command in commands {
        versions_rise(transaction, command)?;
        for (place, (before, output, after)) in pairs(transaction, command).enumerate() {
            frame_is_kept(place, before, after, &transaction.transaction.claims_of(output))?;
            if contracts.holding(&before.state)? != contracts.holding(after)? {
                return Err(UpgradeError::QuantityChanged { place }.into());
            }
        }
    }
    Ok(())
}

/// An identity that an upgraded state does not pass on is one that stays in use for ever.
pub(super) fn conditions(transaction: &LedgerTransaction) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for command in transaction.transaction.commands.iter().filter(|command| command.name == UPGRADE) {
        for (before, output, _) in pairs(transaction, command) {
            let passed_on = transaction.transaction.claims_of(output);
            let dropped = before.claims.iter().filter(|key| !passed_on.contains(key));
            conditions.extend(dropped.map(|key| Condition::ClaimStaysUsed(*key)));
        }
    }
    conditions
}

fn inputs<'t>(transaction: &'t LedgerTransaction, command: &'t Command) -> impl Iterator<Item = &'t ResolvedState> {
    transaction.inputs.iter().filter(move |input| input.state.contract.name() == command.contract.name())
}

fn outputs<'t>(transaction: &'t LedgerTransaction, command: &'t Command) -> impl Iterator<Item = (u32, &'t State)> {
    let of_contract = move |(_, state): &(u32, &State)| state.contract.name() == command.contract.name();
    (0u32..).zip(&transaction.transaction.outputs).filter(of_contract)
}

/// Each input with the output that it becomes, and that one's place among all outputs.
fn pairs<'t>(
    transaction: &'t LedgerTransaction,
    command: &'t Command,
) -> impl Iterator<Item = (&'t ResolvedState, u32, &'t State)> {
    let pair = |(before, (output, after))| (before, output, after);
    inputs(transaction, command).zip(outputs(transaction, command)).map(pair)
}

fn versions_rise(transaction: &LedgerTransaction, command: &Command) -> Result<(), UpgradeError> {
    let newer = command.contract.version();
    let (before, after) = (inputs(transaction, command).count(), outputs(transaction, command).count());
    if before == 0 || before != after {
        let contract = command.contract.clone();
        return Err(UpgradeError::NotOneToOne { contract, inputs: before, outputs: after });
    }
    for (place, (before, _, after)) in pairs(transaction, command).enumerate() {
        let (older, made) = (before.state.contract.version(), after.contract.version());
        if older >= newer {
            return Err(UpgradeError::NotOlder { place, version: older, newer });
        }
        if made != newer {
            return Err(UpgradeError::NotNewer { place, version: made, newer });
        }
    }
    Ok(())
}

fn frame_is_kept(place: usize, before: &ResolvedState, after: &State, claims: &[ClaimKey]) -> Result<(), UpgradeError> {
    if before.state.owner != after.owner {
        return Err(UpgradeError::OwnerChanged { place });
    }
    if before.state.participants != after.participants {
        return Err(UpgradeError::ParticipantsChanged { place });
    }
    if before.state.locks != after.locks {
        return Err(UpgradeError::LocksChanged { place });
    }
    if claims.iter().any(|key| !before.claims.contains(key)) {
        return Err(UpgradeError::ClaimAdded { place });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
