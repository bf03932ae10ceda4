//! The core's own rules around every contract's.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use thiserror::Error;

use crate::amount::Amount;
use crate::codes;
use crate::condition::Effect;
use crate::contract::{Contract, ContractSet, Ground, LockChange, UPGRADE, agreement, chain};
use crate::error::rule;
use crate::id::{ContractId, StateRef};
use crate::lock::Lock;
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
    /// A lock comes to stand on another state than before.
    #[error(
        "a lock of a state of {contract} comes to stand on another, without a command for it; leave each where it is"
    )]
    LockStandsElsewhere {
        /// The contract.
        contract: ContractId,
    },
    /// A state is consumed and made again as it was.
    #[error("a state of {contract} is made anew as it was, without a command for it; leave it out")]
    MadeAnewWithoutCommand {
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
        "the state {state} cannot be consumed on its lock: that has ended, or ends within the time window, or is not resolved here; end the window before the lock does, or move the state by its owner after it"
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
    LockStandsElsewhere => "LOCK_STANDS_ELSEWHERE",
    MadeAnewWithoutCommand => "CONTRACT_STATE_MADE_ANEW",
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
    pub(super) asked: Vec<Asked<'c>>,
}

/// A contract whose rules are asked, or who answers for it over this transaction.
pub(super) enum Asked<'c> {
    Itself(&'c dyn Contract),
    Over(Box<dyn Contract + 'c>),
}

impl<'c> Deref for Asked<'c> {
    type Target = dyn Contract + 'c;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Itself(contract) => *contract,
            Self::Over(answering) => answering.as_ref(),
        }
    }
}

/// The contracts that govern the transaction.
pub(super) fn governing<'c>(
    transaction: &'c LedgerTransaction,
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
        None => {
            let over =
                |contract: &'c dyn Contract| contract.over(transaction).map_or(Asked::Itself(contract), Asked::Over);
            Ok(Governing { all, asked: asked.into_iter().map(over).collect() })
        }
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

/// The states of a contract, before and after.
fn states_of<'t>(transaction: &'t LedgerTransaction, contract: &ContractId) -> (Vec<&'t State>, Vec<&'t State>) {
    let inputs = transaction.inputs.iter().map(|input| input.state.as_ref());
    let outputs = transaction.transaction.outputs.iter();
    let of_contract = |state: &&State| state.contract == *contract;
    (inputs.filter(of_contract).collect(), outputs.filter(of_contract).collect())
}

/// True where what the states say is the same on both sides, in whatever order.
fn are_same<'t, F: Ord>((before, after): (&[&'t State], &[&'t State]), fact: impl Fn(&'t State) -> F) -> bool {
    let sorted = |states: &[&'t State]| {
        let mut facts: Vec<F> = states.iter().map(|state| fact(state)).collect();
        facts.sort();
        facts
    };
    sorted(before) == sorted(after)
}

/// A contract whose states are touched without its command keeps them as they are, but for locks.
pub(super) fn states_without_command_are_unchanged(
    transaction: &LedgerTransaction,
    contract: &ContractId,
) -> Result<(), FrameError> {
    if has_command(transaction, contract) {
        return Ok(());
    }
    let (before, after) = states_of(transaction, contract);
    let fact = |state: &State| (state.owner, state.kind.clone(), state.participants.clone(), state.data.clone());
    rule(are_same((&before, &after), fact), || FrameError::ChangedWithoutCommand { contract: contract.clone() })
}

/// Of such a contract's states a command here changes the locks, each where it stands; and none is made anew as it was, which
/// would only outdate whatever others have signed over it.
pub(super) fn locks_without_command_stay(
    transaction: &LedgerTransaction,
    contract: &ContractId,
    changes: &[LockChange],
) -> Result<(), FrameError> {
    if has_command(transaction, contract) {
        return Ok(());
    }
    let (before, after) = states_of(transaction, contract);
    let from_ms = transaction.transaction.time_window.from_ms;
    let stays = |lock: &&Lock| !lock.has_ended(from_ms) && !is_named(lock, contract, changes);
    let fact = |state: &State| {
        let locks: Vec<Lock> = state.locks.iter().filter(stays).cloned().collect();
        (state.owner, state.kind.clone(), state.data.clone(), locks)
    };
    rule(are_same((&before, &after), fact), || FrameError::LockStandsElsewhere { contract: contract.clone() })?;
    let is_made_anew = before.iter().any(|state| after.contains(state));
    rule(!is_made_anew, || FrameError::MadeAnewWithoutCommand { contract: contract.clone() })
}

fn has_command(transaction: &LedgerTransaction, contract: &ContractId) -> bool {
    transaction.transaction.commands.iter().any(|command| command.contract == *contract)
}

/// What a contract's signers stand in for is a state of that contract itself; orders are the chain's administrators' to carry out.
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
        Ground::LegalOrder { .. } if contract.name() != chain::NAME => {
            Err(FrameError::GroundDoesNotHold { state: *state })
        }
        Ground::Agreement if contract.name() != agreement::NAME => Err(FrameError::GroundDoesNotHold { state: *state }),
        Ground::Signers | Ground::Locker(_) | Ground::LegalOrder { .. } | Ground::Agreement => Ok(()),
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

/// True where a contract says that it puts the lock on states of this contract, or takes it off, here.
fn is_named(lock: &Lock, contract: &ContractId, changes: &[LockChange]) -> bool {
    changes.iter().any(|change| change.contract == contract.name() && change.context == lock.context)
}

/// Every lock that comes, or goes before its end, is one that a contract says it puts on or takes off such a state here.
pub(super) fn locks_change_by_command(
    transaction: &LedgerTransaction,
    fate: &LockFate,
    changes: &[LockChange],
) -> Result<(), FrameError> {
    let refused = |place: usize| FrameError::LockWithoutCommand { place };
    for (place, lock) in fate.resolved.iter().chain(&fate.passed) {
        let input = transaction.inputs.get(*place).ok_or(refused(*place))?;
        rule(is_named(lock, &input.state.contract, changes), || refused(*place))?;
    }
    for (place, lock) in &fate.new {
        let output = transaction.transaction.outputs.get(*place).ok_or(refused(*place))?;
        rule(is_named(lock, &output.contract, changes), || refused(*place))?;
    }
    Ok(())
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
