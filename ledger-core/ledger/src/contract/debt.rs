//! What debts have in common: one state, paid down in tokens of the same transaction, gone when nothing is owed.
//!
//! Obligations, loans and trade notes are debts; each says what it is, here stands what is done with it.

use thiserror::Error;

use crate::amount::Amount;
use crate::codes;
use crate::contract::{Due, Ground, pledge};
use crate::encoding::EncodingError;
use crate::error::rule;
use crate::id::{Address, AssetId, StateRef};
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction, ResolvedState};

/// Something owed under a document.
pub(super) trait Debt: Sized {
    /// The contract's name.
    const CONTRACT: &'static str;

    /// Reads it.
    fn read(state: &State) -> Result<Self, EncodingError>;

    /// Its state, complete with owner and participants.
    fn state(&self) -> State;

    /// Its id.
    fn id(&self) -> &[u8; 32];

    /// Number of its document.
    fn number(&self) -> &str;

    /// Who is paid, and in which asset.
    fn creditor(&self) -> (Address, AssetId);

    /// What is still owed.
    fn outstanding(&self) -> Amount;

    /// What a command pays on it; none = it is no payment.
    fn paid_by(command: &Command) -> Result<Option<Amount>, EncodingError>;
}

/// Why what becomes of a debt is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DebtError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// A lock on a debt.
    #[error("debts take no locks; leave the lock out")]
    Locked,
    /// Not one debt.
    #[error("{command} consumes one debt of its contract")]
    NotConsumed {
        /// The command.
        command: &'static str,
    },
    /// Another debt than the command names.
    #[error("{number} is not the debt that {command} names")]
    NotNamed {
        /// Number of its document.
        number: String,
        /// The command.
        command: &'static str,
    },
    /// A payment of nothing.
    #[error("nothing is paid on {number}; pay an amount over zero")]
    NothingPaid {
        /// Number of its document.
        number: String,
    },
    /// More is paid than owed.
    #[error("{asked} are to be paid on {number}, {outstanding} are owed, in smallest units; pay at most that")]
    Overpaid {
        /// Number of its document.
        number: String,
        /// What is to be paid.
        asked: u64,
        /// What is owed.
        outstanding: u64,
    },
    /// What is created is not what the command makes.
    #[error("{number} becomes something else than the command makes; only what it names changes")]
    Changed {
        /// Number of its document.
        number: String,
    },
    /// It goes on where it has ended, or ends where it goes on.
    #[error("{number} is created anew by {command} while something is owed under it, and not once it has ended")]
    GoesOnOrEnds {
        /// Number of its document.
        number: String,
        /// The command.
        command: &'static str,
    },
}

codes!(DebtError {
    Locked => "DEBT_LOCKED",
    NotConsumed => "DEBT_NOT_CONSUMED",
    NotNamed => "DEBT_NOT_NAMED",
    NothingPaid => "DEBT_NOTHING_PAID",
    Overpaid => "DEBT_OVERPAID",
    Changed => "DEBT_CHANGED",
    GoesOnOrEnds => "DEBT_GOES_ON_OR_ENDS",
} inner { Encoding });

fn inputs<D: Debt>(transaction: &LedgerTransaction) -> impl Iterator<Item = &ResolvedState> {
    transaction.inputs.iter().filter(|input| input.state.contract.name() == D::CONTRACT)
}

/// States of the contract that the transaction creates, with their places.
pub(super) fn outputs<D: Debt>(transaction: &LedgerTransaction) -> impl Iterator<Item = (u32, &State)> {
    (0u32..).zip(&transaction.transaction.outputs).filter(|(_, state)| state.contract.name() == D::CONTRACT)
}

/// The debts consumed.
pub(super) fn consumed<D: Debt>(transaction: &LedgerTransaction) -> Result<Vec<D>, EncodingError> {
    inputs::<D>(transaction).map(|input| D::read(&input.state)).collect()
}

/// The debts created, with their places.
pub(super) fn created<D: Debt>(transaction: &LedgerTransaction) -> Result<Vec<(u32, D)>, EncodingError> {
    outputs::<D>(transaction).map(|(output, state)| Ok((output, D::read(state)?))).collect()
}

/// The one state that a new debt is, where none is consumed.
pub(super) fn sole_new<'t, D: Debt>(transaction: &'t LedgerTransaction, kind: &str) -> Option<&'t State> {
    let created: Vec<_> = outputs::<D>(transaction).collect();
    let [(_, state)] = created.as_slice() else { return None };
    Some(*state).filter(|state| state.kind == kind && inputs::<D>(transaction).next().is_none())
}

/// A debt is never locked: whoever owes may always pay.
pub(super) fn takes_no_locks<D: Debt>(transaction: &LedgerTransaction) -> Result<(), DebtError> {
    rule(outputs::<D>(transaction).all(|(_, state)| state.locks.is_empty()), || DebtError::Locked)
}

/// The one debt that is consumed, which the command names.
pub(super) fn named<D: Debt>(
    transaction: &LedgerTransaction,
    command: &'static str,
    id: &[u8],
) -> Result<D, DebtError> {
    let mut consumed = consumed::<D>(transaction)?;
    let before = consumed.pop().filter(|_| consumed.is_empty()).ok_or(DebtError::NotConsumed { command })?;
    let is_named = before.id().as_slice() == id;
    rule(is_named, || DebtError::NotNamed { number: before.number().to_owned(), command })?;
    Ok(before)
}

/// What is owed after a payment; none = nothing more.
pub(super) fn outstanding_after<D: Debt>(debt: &D, paid: Amount) -> Result<Option<Amount>, DebtError> {
    let number = || debt.number().to_owned();
    rule(!paid.is_zero(), || DebtError::NothingPaid { number: number() })?;
    let (asked, outstanding) = (paid.minor(), debt.outstanding().minor());
    let rest = debt.outstanding().checked_sub(paid);
    let rest = rest.map_err(|_| DebtError::Overpaid { number: number(), asked, outstanding })?;
    Ok(Some(rest).filter(|rest| !rest.is_zero()))
}

/// What is created is exactly what the command makes of it, or nothing where nothing is left.
pub(super) fn becomes<D: Debt>(
    transaction: &LedgerTransaction,
    command: &'static str,
    before: &D,
    after: Option<D>,
) -> Result<(), DebtError> {
    let created: Vec<_> = outputs::<D>(transaction).collect();
    let number = before.number().to_owned();
    match (created.as_slice(), after) {
        ([], None) => Ok(()),
        ([(_, state)], Some(after)) => rule(**state == after.state(), || DebtError::Changed { number }),
        _ => Err(DebtError::GoesOnOrEnds { number, command }),
    }
}

/// A payment on a debt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Payment {
    /// The debt's id.
    pub(super) debt: [u8; 32],
    /// Who is paid, and in which asset.
    pub(super) creditor: (Address, AssetId),
    /// How much, in the asset's smallest unit.
    pub(super) amount: Amount,
}

/// The payment on a debt of this contract.
pub(super) fn payment<D: Debt>(transaction: &LedgerTransaction) -> Result<Option<Payment>, EncodingError> {
    let Some(command) = transaction.command(D::CONTRACT) else { return Ok(None) };
    let Some(amount) = D::paid_by(command)? else { return Ok(None) };
    let paid = consumed::<D>(transaction)?;
    Ok(paid.first().map(|debt| Payment { debt: *debt.id(), creditor: debt.creditor(), amount }))
}

/// What a payment owes to the creditor; what a pledge brings to its pledgee, the pledge demands.
pub(super) fn dues<D: Debt>(transaction: &LedgerTransaction) -> Result<Vec<Due>, EncodingError> {
    let Some(Payment { debt, creditor: (payee, asset), amount }) = payment::<D>(transaction)? else {
        return Ok(Vec::new());
    };
    Ok(if pledge::pays(transaction, &debt)? { Vec::new() } else { vec![Due { payee, asset, amount }] })
}

/// Under these commands a debt changes without its owner, who loses nothing by it.
pub(super) fn grounds<D: Debt>(transaction: &LedgerTransaction, commands: &[&str]) -> Vec<(StateRef, Ground)> {
    let command = transaction.command(D::CONTRACT);
    let without_owner = command.is_some_and(|command| commands.contains(&command.name.as_str()));
    inputs::<D>(transaction).filter(|_| without_owner).map(|input| (input.reference, Ground::Signers)).collect()
}
