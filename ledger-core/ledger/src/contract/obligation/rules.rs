//! What each obligation command allows.

use crate::contract::obligation::{
    ASSIGN, CANCEL, CONSENT, CREATE, NAME, OBLIGATION, Obligation, ObligationError, SETTLE, obligation_state,
    read_obligation, settled,
};
use crate::id::{Address, ObligationId};
use crate::state::State;
use crate::transaction::LedgerTransaction;
use crate::wire;

pub(super) fn verify(transaction: &LedgerTransaction) -> Result<(), ObligationError> {
    if created(transaction).iter().any(|state| !state.locks.is_empty()) {
        return Err(ObligationError::Locked);
    }
    let Some(command) = transaction.command(NAME) else { return Ok(()) };
    match command.name.as_str() {
        CREATE => {
            command.message::<wire::ObligationCreate>()?;
            creates_one_sound_obligation(transaction)
        }
        SETTLE => {
            let wire::ObligationSettle { obligation, .. } = command.message()?;
            let before = named(transaction, SETTLE, &obligation)?;
            becomes(transaction, SETTLE, &before, before.paid(settled(command)?)?)
        }
        ASSIGN => {
            let wire::ObligationAssign { obligation, to } = command.message()?;
            let (before, to) = (named(transaction, ASSIGN, &obligation)?, Address::try_from(to.as_slice())?);
            if to == before.debtor || to == before.creditor {
                return Err(ObligationError::AssigneeIsParty { number: before.number });
            }
            becomes(transaction, ASSIGN, &before, Some(before.assigned(to)))
        }
        CONSENT => {
            let wire::ObligationConsent { obligation, party, nets } = command.message()?;
            let before = named(transaction, CONSENT, &obligation)?;
            let after = before.consented(party.as_slice().try_into()?, nets)?;
            becomes(transaction, CONSENT, &before, Some(after))
        }
        CANCEL => {
            let wire::ObligationCancel { obligation } = command.message()?;
            let before = named(transaction, CANCEL, &obligation)?;
            becomes(transaction, CANCEL, &before, None)
        }
        name => Err(ObligationError::CommandUnknown { name: name.to_owned() }),
    }
}

fn created(transaction: &LedgerTransaction) -> Vec<&State> {
    transaction.transaction.outputs.iter().filter(|state| state.contract.name() == NAME).collect()
}

fn creates_one_sound_obligation(transaction: &LedgerTransaction) -> Result<(), ObligationError> {
    let rule = ObligationError::States { command: CREATE, rule: "creates one obligation and consumes none" };
    let consumes = transaction.inputs.iter().any(|input| input.state.contract.name() == NAME);
    let created = created(transaction);
    let [state] = created.as_slice() else { return Err(rule) };
    if consumes || state.kind != OBLIGATION {
        return Err(rule);
    }
    let (obligation, frame) = (read_obligation(state)?, &transaction.transaction);
    let follows = ObligationId::derive(&frame.chain, &frame.command_id);
    let checks = [
        ("its id follows from chain and command", obligation.obligation == follows),
        ("debtor and creditor are two parties", obligation.debtor != obligation.creditor),
        ("the amount is over zero", !obligation.amount.is_zero()),
        ("the whole amount is outstanding", obligation.outstanding == obligation.amount),
        ("it is due on the effective date or later", obligation.due_on >= frame.effective_on),
        ("its document is the creditor's own", obligation.issuer == obligation.creditor),
        ("the document's number is needed", !obligation.number.is_empty()),
        ("its document is an attachment", frame.attachments.contains(&obligation.document)),
        ("owner and participants of its state", **state == obligation_state(&obligation)),
    ];
    match checks.into_iter().find(|(_, holds)| !holds) {
        Some((field, _)) => Err(ObligationError::NotSound { number: obligation.number, field }),
        None => Ok(()),
    }
}

/// The one obligation that is consumed, which the command names.
fn named(
    transaction: &LedgerTransaction,
    command: &'static str,
    obligation: &[u8],
) -> Result<Obligation, ObligationError> {
    let refused = |rule| Err(ObligationError::States { command, rule });
    let consumed: Vec<_> = transaction.inputs.iter().filter(|input| input.state.contract.name() == NAME).collect();
    let [input] = consumed.as_slice() else { return refused("consumes one obligation") };
    let before = read_obligation(&input.state)?;
    if before.obligation != ObligationId::try_from(obligation)? {
        return refused("names the obligation that it consumes");
    }
    Ok(before)
}

/// What is created is exactly what the command makes of it, or nothing where nothing is left.
fn becomes(
    transaction: &LedgerTransaction,
    command: &'static str,
    before: &Obligation,
    after: Option<Obligation>,
) -> Result<(), ObligationError> {
    match (created(transaction).as_slice(), after) {
        ([], None) => Ok(()),
        ([state], Some(after)) if **state == obligation_state(&after) => Ok(()),
        ([_], Some(_)) => Err(ObligationError::Changed { number: before.number.clone() }),
        _ => {
            let rule = "creates the obligation anew while something is owed under it, and nothing once it has ended";
            Err(ObligationError::States { command, rule })
        }
    }
}
