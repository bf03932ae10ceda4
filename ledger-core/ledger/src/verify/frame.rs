//! The core's own rules around every contract's.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::amount::Amount;
use crate::codes;
use crate::condition::Effect;
use crate::contract::{Contract, ContractSet, Ground, UPGRADE};
use crate::error::rule;
use crate::id::{ContextId, ContractId, StateRef};
use crate::state::State;
use crate::transaction::LedgerTransaction;
use crate::verify::holdings::Holdings;
use crate::verify::lock::LockFate;
use crate::verify::upgrade::is_upgraded;

/// Why a transaction breaks the frame around its contracts.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FrameError {
    /// A contract this node does not have.
    #[error("the contract {contract} is not known here")]
    ContractUnknown {
        /// The contract.
        contract: ContractId,
    },
    /// The configuration names a contract this node does not have.
    #[error(
        "the configuration enables {contract}, which this node does not have; install it on the chain's nodes first"
    )]
    EnablesUnknown {
        /// The contract.
        contract: ContractId,
    },
    /// A state of a kind that its contract does not have.
    #[error("{contract} has no state of the kind {kind:?}; its kinds are {}", .kinds.join(", "))]
    KindUnknown {
        /// The contract.
        contract: ContractId,
        /// The kind.
        kind: String,
        /// The contract's kinds.
        kinds: &'static [&'static str],
    },
    /// States of a contract change without its command.
    #[error(
        "states of {contract} change, but the transaction has no command for it; without one only locks may change"
    )]
    ChangedWithoutCommand {
        /// The contract.
        contract: ContractId,
    },
    /// States or the command of one contract in several versions.
    #[error(
        "the transaction holds {contract} in several versions; a command is for states of its own version, {UPGRADE} moves them to a newer one"
    )]
    VersionsMixed {
        /// The contract's name.
        contract: String,
    },
    /// A ground that does not hold.
    #[error(
        "the state {state} cannot be consumed without its owner: no lock or rule here allows it; its owner signs instead"
    )]
    GroundDoesNotHold {
        /// The state.
        state: StateRef,
    },
    /// A lock comes or goes that no command is for.
    #[error(
        "a lock of the state at place {place} comes or goes that no command here is for; use the command of its contract"
    )]
    LockWithoutCommand {
        /// Place among the inputs, or the outputs for a new lock.
        place: usize,
    },
    /// A lock over more than the state holds, or over a part of a state that holds no quantity.
    #[error(
        "a lock of the output at place {place} is over {locked}, the state holds {held}, in smallest units; lock at most that, or the whole"
    )]
    LockExceeds {
        /// Place among the outputs.
        place: usize,
        /// What the lock is over.
        locked: u64,
        /// What the state holds.
        held: u64,
    },
    /// Locks of one rank over more than the state holds together.
    #[error(
        "locks of rank {rank} on the output at place {place} are over more than it holds together; rank them or split it"
    )]
    RankOverfull {
        /// Place among the outputs.
        place: usize,
        /// The rank.
        rank: u32,
    },
    /// The claims carried are not those the contracts name.
    #[error("the claims of the transaction are not those its contracts name; let the node fill them in")]
    ClaimsDiffer,
}

codes!(FrameError {
    ContractUnknown => "CONTRACT_UNKNOWN",
    EnablesUnknown => "CONTRACT_NOT_INSTALLED",
    KindUnknown => "STATE_KIND_UNKNOWN",
    ChangedWithoutCommand => "CONTRACT_CHANGED_WITHOUT_COMMAND",
    VersionsMixed => "CONTRACT_VERSIONS_MIXED",
    GroundDoesNotHold => "GROUND_DOES_NOT_HOLD",
    LockWithoutCommand => "LOCK_WITHOUT_COMMAND",
    LockExceeds => "LOCK_EXCEEDS_STATE",
    RankOverfull => "LOCK_RANK_OVERFULL",
    ClaimsDiffer => "CLAIMS_DIFFER",
});

/// The contracts that govern a transaction, ascending.
pub(super) struct Governing<'c> {
    /// Those of every state and command.
    pub(super) all: Vec<&'c dyn Contract>,
    /// Those whose rules are asked: of a contract that is upgraded the version of the command alone.
    pub(super) asked: Vec<&'c dyn Contract>,
}

/// The contracts that govern the transaction.
pub(super) fn governing<'c>(
    transaction: &LedgerTransaction,
    contracts: &'c ContractSet,
) -> Result<Governing<'c>, FrameError> {
    let inputs = transaction.inputs.iter().map(|input| &input.state.contract);
    let outputs = transaction.transaction.outputs.iter().map(|output| &output.contract);
    let commands = transaction.transaction.commands.iter().map(|command| &command.contract);
    let ids: BTreeSet<&ContractId> = inputs.chain(outputs).chain(commands).collect();
    let known = |id: &ContractId| contracts.get(id).ok_or_else(|| FrameError::ContractUnknown { contract: id.clone() });
    let all = ids.iter().map(|id| known(id)).collect::<Result<Vec<_>, _>>()?;
    let is_asked = |contract: &&dyn Contract| {
        let id = contract.id();
        !is_upgraded(transaction, id.name()) || transaction.command(id.name()).is_some_and(|asked| asked.contract == id)
    };
    let asked: Vec<_> = all.iter().copied().filter(is_asked).collect();
    // Ids ascend by name, so versions of one contract stand side by side.
    let mut neighbours = asked.iter().zip(asked.iter().skip(1));
    match neighbours.find(|(one, next)| one.id().name() == next.id().name()) {
        Some((mixed, _)) => Err(FrameError::VersionsMixed { contract: mixed.id().name().to_owned() }),
        None => Ok(Governing { all, asked }),
    }
}

/// A node takes no configuration that it could not follow.
pub(super) fn contracts_to_enable_are_known(effects: &[Effect], contracts: &ContractSet) -> Result<(), FrameError> {
    for effect in effects {
        let Effect::Configure(configuration) = effect else { continue };
        if let Some(contract) = configuration.contracts.iter().find(|id| contracts.get(id).is_none()) {
            return Err(FrameError::EnablesUnknown { contract: contract.clone() });
        }
    }
    Ok(())
}

/// Every state created is of a kind that its contract has, so that no rule passes over it.
pub(super) fn kinds_are_known(transaction: &LedgerTransaction, contracts: &ContractSet) -> Result<(), FrameError> {
    for State { contract, kind, .. } in &transaction.transaction.outputs {
        let kinds = contracts.get(contract).map(Contract::kinds).unwrap_or_default();
        rule(kinds.contains(&kind.as_str()), || FrameError::KindUnknown {
            contract: contract.clone(),
            kind: kind.clone(),
            kinds,
        })?;
    }
    Ok(())
}

/// A contract whose states are touched without its command keeps them as they are, but for locks.
pub(super) fn states_without_command_are_unchanged(
    transaction: &LedgerTransaction,
    contract: &ContractId,
) -> Result<(), FrameError> {
    if transaction.transaction.commands.iter().any(|command| command.contract == *contract) {
        return Ok(());
    }
    let fact = |state: &State| (state.owner, state.kind.clone(), state.participants.clone(), state.data.clone());
    let of_contract = |state: &&State| state.contract == *contract;
    let inputs = transaction.inputs.iter().map(|input| input.state.as_ref());
    let mut before: Vec<_> = inputs.filter(of_contract).map(fact).collect();
    let mut after: Vec<_> = transaction.transaction.outputs.iter().filter(of_contract).map(fact).collect();
    before.sort();
    after.sort();
    if before == after { Ok(()) } else { Err(FrameError::ChangedWithoutCommand { contract: contract.clone() }) }
}

/// What a contract's signers stand in for is a state of that contract itself.
pub(super) fn ground_is_of_contract(
    transaction: &LedgerTransaction,
    contract: &ContractId,
    (state, ground): &(StateRef, Ground),
) -> Result<(), FrameError> {
    let governs = |input: &crate::ResolvedState| input.reference == *state && input.state.contract == *contract;
    match ground {
        Ground::Signers if !transaction.inputs.iter().any(governs) => {
            Err(FrameError::GroundDoesNotHold { state: *state })
        }
        Ground::Signers | Ground::Locker(_) => Ok(()),
    }
}

/// Every ground on a lock names one that is resolved here and has not ended before the window does.
pub(super) fn grounds_hold(
    transaction: &LedgerTransaction,
    grounds: &[(StateRef, Ground)],
    fate: &LockFate,
) -> Result<(), FrameError> {
    let until_ms = transaction.transaction.time_window.until_ms;
    for (state, ground) in grounds {
        let Ground::Locker(context) = ground else { continue };
        let place = transaction.inputs.iter().position(|input| input.reference == *state);
        let holds = fate.resolved.iter().any(|(input, lock)| {
            Some(*input) == place && lock.context == *context && lock.until_ms.is_none_or(|end| until_ms <= end)
        });
        if !holds {
            return Err(FrameError::GroundDoesNotHold { state: *state });
        }
    }
    Ok(())
}

/// Every lock that comes, or goes before its end, is one that a contract says it puts on or takes off here.
pub(super) fn locks_change_by_command(fate: &LockFate, contexts: &[ContextId]) -> Result<(), FrameError> {
    let mut changed = fate.resolved.iter().chain(&fate.passed).chain(&fate.new);
    match changed.find(|(_, lock)| !contexts.contains(&lock.context)) {
        Some((place, _)) => Err(FrameError::LockWithoutCommand { place: *place }),
        None => Ok(()),
    }
}

/// No lock is over more than its state holds, and locks of one rank share it.
pub(super) fn locks_fit(transaction: &LedgerTransaction, holdings: &Holdings) -> Result<(), FrameError> {
    for (place, (state, holding)) in holdings.of_outputs(transaction).enumerate() {
        if state.locks.is_empty() {
            continue;
        }
        let held = holding.map(|holding| holding.amount.minor());
        let mut ranks: BTreeMap<u32, u64> = BTreeMap::new();
        for lock in &state.locks {
            let whole = held.unwrap_or(1);
            let locked = lock.amount.map_or(whole, Amount::minor);
            if lock.amount.is_some() && locked > held.unwrap_or_default() {
                return Err(FrameError::LockExceeds { place, locked, held: held.unwrap_or_default() });
            }
            let of_rank = ranks.entry(lock.rank).or_default();
            *of_rank = of_rank.saturating_add(locked);
            if *of_rank > whole {
                return Err(FrameError::RankOverfull { place, rank: lock.rank });
            }
        }
    }
    Ok(())
}
