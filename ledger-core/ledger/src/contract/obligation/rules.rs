//! What each obligation command allows.

use crate::contract::obligation::{
    ASSIGN, CANCEL, CONSENT, CREATE, NAME, NET, NettingConsent, OBLIGATION, Obligation, ObligationError, SETTLE,
    obligation_state, read_obligation, settled,
};
use crate::contract::{debt, netting_round};
use crate::encoding::Wire;
use crate::error::rule;
use crate::id::{Address, ObligationId};
use crate::transaction::LedgerTransaction;
use crate::wire;

pub(super) fn verify(transaction: &LedgerTransaction) -> Result<(), ObligationError> {
    debt::takes_no_locks::<Obligation>(transaction)?;
    let Some(command) = transaction.command(NAME) else { return Ok(()) };
    match command.name.as_str() {
        CREATE => {
            command.message::<wire::ObligationCreate>()?;
            creates_one_sound_obligation(transaction)
        }
        SETTLE => {
            let wire::ObligationSettle { obligation, .. } = command.message()?;
            let before = free(transaction, SETTLE, &obligation)?;
            Ok(debt::becomes(transaction, SETTLE, &before, before.paid(settled(command)?)?)?)
        }
        ASSIGN => {
            let wire::ObligationAssign { obligation, to } = command.message()?;
            let (before, to) = (free(transaction, ASSIGN, &obligation)?, Address::try_from(to.as_slice())?);
            if to == before.debtor || to == before.creditor {
                return Err(ObligationError::AssigneeIsParty { number: before.number });
            }
            Ok(debt::becomes(transaction, ASSIGN, &before, Some(before.assigned(to)))?)
        }
        CONSENT => {
            let wire::ObligationConsent { obligation, party, nets } = command.message()?;
            let before = free(transaction, CONSENT, &obligation)?;
            let nets = nets.map(NettingConsent::from_wire).transpose()?;
            let after = before.consented(party.as_slice().try_into()?, nets)?;
            Ok(debt::becomes(transaction, CONSENT, &before, Some(after))?)
        }
        CANCEL => {
            let wire::ObligationCancel { obligation } = command.message()?;
            let before = free(transaction, CANCEL, &obligation)?;
            Ok(debt::becomes(transaction, CANCEL, &before, None)?)
        }
        NET => {
            command.message::<wire::ObligationNet>()?;
            rule(netting_round::nets(transaction), || ObligationError::NetWithoutRound)
        }
        name => Err(ObligationError::CommandUnknown { name: name.to_owned() }),
    }
}

/// The one obligation that is consumed, which the command names and no netting round holds.
fn free(transaction: &LedgerTransaction, command: &'static str, id: &[u8]) -> Result<Obligation, ObligationError> {
    let before = debt::named::<Obligation>(transaction, command, id)?;
    match before.round {
        Some(round) => Err(ObligationError::InRound { number: before.number, round }),
        None => Ok(before),
    }
}

fn creates_one_sound_obligation(transaction: &LedgerTransaction) -> Result<(), ObligationError> {
    let state = debt::sole_new::<Obligation>(transaction, OBLIGATION).ok_or(ObligationError::CreateStates)?;
    let (obligation, frame) = (read_obligation(state)?, &transaction.transaction);
    let number = || obligation.number.clone();
    let follows = obligation.obligation == ObligationId::derive(&frame.chain, &frame.command_id);
    rule(follows, || ObligationError::IdDiffers { number: number() })?;
    let are_two = obligation.debtor != obligation.creditor;
    rule(are_two, || ObligationError::DebtorIsCreditor { number: number() })?;
    rule(!obligation.amount.is_zero(), || ObligationError::AmountZero { number: number() })?;
    let is_whole = obligation.outstanding == obligation.amount;
    rule(is_whole, || ObligationError::OutstandingDiffers { number: number() })?;
    let is_due_later = obligation.due_on >= frame.effective_on;
    rule(is_due_later, || ObligationError::DueBeforeEffective { number: number() })?;
    let is_creditors = obligation.issuer == obligation.creditor;
    rule(is_creditors, || ObligationError::IssuerDiffers { number: number() })?;
    rule(!obligation.number.is_empty(), || ObligationError::NumberMissing)?;
    rule(obligation.round.is_none(), || ObligationError::NewInRound { number: number() })?;
    let is_attached = frame.attachments.contains(&obligation.document);
    rule(is_attached, || ObligationError::DocumentNotAttached { number: number() })?;
    rule(*state == obligation_state(&obligation), || ObligationError::FrameDiffers { number: number() })
}
