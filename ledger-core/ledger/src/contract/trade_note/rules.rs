//! What each trade note command allows.

use crate::contract::debt;
use crate::contract::trade_note::{
    DISPUTE, Dispute, ISSUE, NAME, NOTE, PAY, RESOLVE, TradeNote, TradeNoteError, VOID, note_state, payment, read_note,
};
use crate::encoding::Wire;
use crate::error::rule;
use crate::id::TradeNoteId;
use crate::transaction::LedgerTransaction;
use crate::wire;

pub(super) fn verify(transaction: &LedgerTransaction) -> Result<(), TradeNoteError> {
    debt::takes_no_locks::<TradeNote>(transaction)?;
    let Some(command) = transaction.command(NAME) else { return Ok(()) };
    match command.name.as_str() {
        ISSUE => {
            command.message::<wire::TradeNoteIssue>()?;
            issues_one_sound_note(transaction)
        }
        DISPUTE => {
            let wire::TradeNoteRaise { note, by, reason } = command.message()?;
            let before = debt::named::<TradeNote>(transaction, DISPUTE, &note)?;
            let dispute = Dispute::from_wire(wire::TradeNoteDispute { by, reason })?;
            Ok(debt::becomes(transaction, DISPUTE, &before, Some(before.disputed(dispute)?))?)
        }
        RESOLVE => {
            let wire::TradeNoteResolve { note } = command.message()?;
            let before = debt::named::<TradeNote>(transaction, RESOLVE, &note)?;
            Ok(debt::becomes(transaction, RESOLVE, &before, Some(before.resolved()?))?)
        }
        PAY => {
            let wire::TradeNotePay { note, .. } = command.message()?;
            let before = debt::named::<TradeNote>(transaction, PAY, &note)?;
            Ok(debt::becomes(transaction, PAY, &before, before.paid(payment(command)?)?)?)
        }
        VOID => {
            let wire::TradeNoteVoid { note } = command.message()?;
            let before = debt::named::<TradeNote>(transaction, VOID, &note)?;
            Ok(debt::becomes(transaction, VOID, &before, None)?)
        }
        name => Err(TradeNoteError::CommandUnknown { name: name.to_owned() }),
    }
}

fn issues_one_sound_note(transaction: &LedgerTransaction) -> Result<(), TradeNoteError> {
    let state = debt::sole_new::<TradeNote>(transaction, NOTE).ok_or(TradeNoteError::IssueStates)?;
    let (note, frame) = (read_note(state)?, &transaction.transaction);
    let number = || note.number.clone();
    let follows = note.note == TradeNoteId::derive(&frame.chain, &frame.command_id);
    rule(follows, || TradeNoteError::IdDiffers { number: number() })?;
    rule(note.payer != note.payee, || TradeNoteError::PayerIsPayee { number: number() })?;
    rule(!note.amount.is_zero(), || TradeNoteError::AmountZero { number: number() })?;
    rule(note.outstanding == note.amount, || TradeNoteError::OutstandingDiffers { number: number() })?;
    rule(note.due_on >= frame.effective_on, || TradeNoteError::DueBeforeEffective { number: number() })?;
    rule(!note.number.is_empty(), || TradeNoteError::NumberMissing)?;
    let are_attached = note.files.iter().all(|file| frame.attachments.contains(file));
    rule(are_attached, || TradeNoteError::FileNotAttached { number: number() })?;
    rule(note.dispute.is_none(), || TradeNoteError::NewDisputed { number: number() })?;
    rule(*state == note_state(&note), || TradeNoteError::FrameDiffers { number: number() })
}
