//! What each trade note command allows.

use crate::contract::trade_note::{
    DISPUTE, Dispute, ISSUE, NAME, NOTE, PAY, RESOLVE, TradeNote, TradeNoteError, VOID, note_state, payment, read_note,
};
use crate::encoding::Wire;
use crate::id::TradeNoteId;
use crate::state::State;
use crate::transaction::LedgerTransaction;
use crate::wire;

pub(super) fn verify(transaction: &LedgerTransaction) -> Result<(), TradeNoteError> {
    if created(transaction).iter().any(|state| !state.locks.is_empty()) {
        return Err(TradeNoteError::Locked);
    }
    let Some(command) = transaction.command(NAME) else { return Ok(()) };
    match command.name.as_str() {
        ISSUE => {
            command.message::<wire::TradeNoteIssue>()?;
            issues_one_sound_note(transaction)
        }
        DISPUTE => {
            let wire::TradeNoteRaise { note, by, reason } = command.message()?;
            let before = named(transaction, DISPUTE, &note)?;
            let dispute = Dispute::from_wire(wire::TradeNoteDispute { by, reason })?;
            becomes(transaction, DISPUTE, &before, Some(before.disputed(dispute)?))
        }
        RESOLVE => {
            let wire::TradeNoteResolve { note } = command.message()?;
            let before = named(transaction, RESOLVE, &note)?;
            becomes(transaction, RESOLVE, &before, Some(before.resolved()?))
        }
        PAY => {
            let wire::TradeNotePay { note, .. } = command.message()?;
            let before = named(transaction, PAY, &note)?;
            becomes(transaction, PAY, &before, before.paid(payment(command)?)?)
        }
        VOID => {
            let wire::TradeNoteVoid { note } = command.message()?;
            let before = named(transaction, VOID, &note)?;
            becomes(transaction, VOID, &before, None)
        }
        name => Err(TradeNoteError::CommandUnknown { name: name.to_owned() }),
    }
}

fn created(transaction: &LedgerTransaction) -> Vec<&State> {
    transaction.transaction.outputs.iter().filter(|state| state.contract.name() == NAME).collect()
}

fn issues_one_sound_note(transaction: &LedgerTransaction) -> Result<(), TradeNoteError> {
    let rule = TradeNoteError::States { command: ISSUE, rule: "creates one note and consumes none" };
    let consumes = transaction.inputs.iter().any(|input| input.state.contract.name() == NAME);
    let created = created(transaction);
    let [state] = created.as_slice() else { return Err(rule) };
    if consumes || state.kind != NOTE {
        return Err(rule);
    }
    let (note, frame) = (read_note(state)?, &transaction.transaction);
    let are_attached = note.files.iter().all(|file| frame.attachments.contains(file));
    let checks = [
        ("its id follows from chain and command", note.note == TradeNoteId::derive(&frame.chain, &frame.command_id)),
        ("payer and payee are two parties", note.payer != note.payee),
        ("the amount is over zero", !note.amount.is_zero()),
        ("the whole amount is outstanding", note.outstanding == note.amount),
        ("it is due on the effective date or later", note.due_on >= frame.effective_on),
        ("its number is needed", !note.number.is_empty()),
        ("its files are attachments", are_attached),
        ("a new note is not disputed", note.dispute.is_none()),
        ("owner and participants of its state", **state == note_state(&note)),
    ];
    match checks.into_iter().find(|(_, holds)| !holds) {
        Some((field, _)) => Err(TradeNoteError::NotSound { number: note.number, field }),
        None => Ok(()),
    }
}

/// The one note that is consumed, which the command names.
fn named(transaction: &LedgerTransaction, command: &'static str, note: &[u8]) -> Result<TradeNote, TradeNoteError> {
    let refused = |rule| Err(TradeNoteError::States { command, rule });
    let consumed: Vec<_> = transaction.inputs.iter().filter(|input| input.state.contract.name() == NAME).collect();
    let [input] = consumed.as_slice() else { return refused("consumes one note") };
    let before = read_note(&input.state)?;
    if before.note != TradeNoteId::try_from(note)? {
        return refused("names the note that it consumes");
    }
    Ok(before)
}

/// What is created is exactly what the command makes of it, or nothing where nothing is left.
fn becomes(
    transaction: &LedgerTransaction,
    command: &'static str,
    before: &TradeNote,
    after: Option<TradeNote>,
) -> Result<(), TradeNoteError> {
    match (created(transaction).as_slice(), after) {
        ([], None) => Ok(()),
        ([state], Some(after)) if **state == note_state(&after) => Ok(()),
        ([_], Some(_)) => Err(TradeNoteError::Changed { number: before.number.clone() }),
        _ => {
            let rule = "creates the note anew while something is to be paid under it, and nothing once it has ended";
            Err(TradeNoteError::States { command, rule })
        }
    }
}
