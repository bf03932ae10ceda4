//! Contract `purpose` (专款专用): value lent for stated purposes, spent at admitted payees alone, otherwise returned.

mod error;
mod flow;
mod rules;
mod spend;
mod terms;

pub use error::PurposeError;
pub use spend::{Origin, Spend};
pub use terms::{Payee, Purpose, PurposeTerms, SpentAt};

use crate::amount::Amount;
use crate::claim::{ClaimIdentity, ClaimKind, near_number};
use crate::contract::{Contract, Due, Ground, Signer};
use crate::error::ContractError;
use crate::id::{ContractId, PurposeId, StateRef};
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction};
use crate::{Wire, wire};

/// The contract's name.
pub const NAME: &str = "purpose";
/// The kind of a purpose's state.
pub const PURPOSE: &str = "purpose";
/// The kind of a payment's record.
pub const SPENT: &str = "spend";
/// Opens a purpose and binds value to it; lender and borrower sign.
pub const OPEN: &str = "open";
/// Binds more value; lender and borrower sign.
pub const BIND: &str = "bind";
/// Frees value; lender and borrower sign.
pub const UNBIND: &str = "unbind";
/// Pays a payee; the borrower signs, and the lender where the command says so.
pub const SPEND: &str = "spend";
/// A payee pays another out of what it holds bound; it signs, and the lender where the command says so.
pub const PASS_ON: &str = "pass_on";
/// Pays back; the payee signs.
pub const REFUND: &str = "refund";
/// Gives bound value back to the lender; its holder signs, after the end of validity the lender may instead.
pub const RETURN: &str = "return";
/// Every command.
pub const COMMANDS: &[&str] = &[OPEN, BIND, UNBIND, SPEND, PASS_ON, REFUND, RETURN];

/// Rules of purposes.
#[derive(Clone, Copy, Debug, Default)]
pub struct PurposeContract;

/// A purpose's state; the lender sees it too.
pub fn purpose_state(purpose: &Purpose) -> State {
    let PurposeTerms { lender, borrower, .. } = purpose.terms;
    State::new(ContractId::built_in(NAME), PURPOSE, borrower, [lender], &purpose.to_wire())
}

/// Reads a purpose.
pub fn read_purpose(state: &State) -> Result<Purpose, PurposeError> {
    Ok(Purpose::from_wire(state.message()?)?)
}

/// A payment's record; lender, borrower and who passed it on see it too.
pub fn spend_state(spend: &Spend) -> State {
    let participants = [spend.lender, spend.borrower].into_iter().chain(spend.origin.map(|origin| origin.payer));
    State::new(ContractId::built_in(NAME), SPENT, spend.payee, participants, &spend.to_wire())
}

/// Reads a payment's record.
pub fn read_spend(state: &State) -> Result<Spend, PurposeError> {
    Ok(Spend::from_wire(state.message()?)?)
}

/// The purpose whose value its lender takes back alone here: its validity has ended.
///
/// The contract token asks, so that the borrower's signature is not needed for the holdings.
pub(super) fn ended_for_lender(transaction: &LedgerTransaction) -> Result<Option<PurposeId>, PurposeError> {
    if transaction.command(NAME).is_none_or(|command| command.name != RETURN) {
        return Ok(None);
    }
    let frame = &transaction.transaction;
    for input in transaction.inputs_of(NAME, PURPOSE) {
        let terms = read_purpose(&input.state)?.terms;
        if frame.submitter == terms.lender && frame.time_window.from_ms >= terms.valid_to_ms {
            return Ok(Some(terms.purpose));
        }
    }
    Ok(None)
}

fn authorities(transaction: &LedgerTransaction, command: &Command) -> Result<Vec<Signer>, PurposeError> {
    let is_ended = ended_for_lender(transaction)?.is_some();
    let with_lender = match command.name.as_str() {
        OPEN | BIND => true,
        // What the ended loan leaves is the borrower's.
        UNBIND => !rules::ends_its_loan(transaction)?,
        SPEND => command.message::<wire::PurposeSpend>()?.lender_consents,
        PASS_ON => command.message::<wire::PurposePassOn>()?.lender_consents,
        RETURN => is_ended,
        _ => false,
    };
    let with_borrower = matches!(command.name.as_str(), OPEN | BIND | UNBIND);
    let mut signers = Vec::new();
    let before = transaction.inputs_of(NAME, PURPOSE).map(|input| input.state.as_ref());
    for state in before.chain(transaction.outputs_of(NAME, PURPOSE).map(|(_, state)| state)) {
        let PurposeTerms { lender, borrower, .. } = read_purpose(state)?.terms;
        signers.extend(with_lender.then_some(Signer { party: lender, role: "lender" }));
        signers.extend(with_borrower.then_some(Signer { party: borrower, role: "borrower" }));
    }
    // The first record is the one that pays; one behind it only gets value back.
    let mut records = transaction.inputs_of(NAME, SPENT).filter(|_| !is_ended);
    signers.extend(records.next().map(|input| Signer { party: input.state.owner, role: "payee" }));
    Ok(signers)
}

/// A payee refunds, passes on and returns, and a lender takes back after the end, without the borrower: so the terms say.
fn grounds(transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, PurposeError> {
    let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
    let by_payee = transaction.inputs_of(NAME, SPENT).next().is_some();
    let by_terms = match command.name.as_str() {
        REFUND | PASS_ON => true,
        RETURN => by_payee || ended_for_lender(transaction)?.is_some(),
        _ => false,
    };
    let states = transaction.inputs_of(NAME, PURPOSE).chain(transaction.inputs_of(NAME, SPENT));
    Ok(states.filter(|_| by_terms).map(|input| (input.reference, Ground::Signers)).collect())
}

/// What returns to a lender is its own already, and pays nothing else that it is owed.
fn dues(transaction: &LedgerTransaction) -> Result<Vec<Due>, PurposeError> {
    let Some(command) = transaction.command(NAME).filter(|command| command.name == RETURN) else {
        return Ok(Vec::new());
    };
    let amount = Amount::from_minor(command.message::<wire::PurposeReturn>()?.amount)?;
    let due = |state: &State| {
        let PurposeTerms { lender, asset, .. } = read_purpose(state)?.terms;
        Ok(Due { payee: lender, asset, amount })
    };
    transaction.inputs_of(NAME, PURPOSE).map(|input| due(&input.state)).collect()
}

/// The documents behind a payment: each attached file and, for its payee, each number, once for ever.
fn claims(transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, PurposeError> {
    let mut claims = Vec::new();
    if transaction.command(NAME).is_none_or(|command| ![SPEND, PASS_ON].contains(&command.name.as_str())) {
        return Ok(claims);
    }
    let required = |state: &State| Ok::<_, PurposeError>(read_purpose(state)?.terms.documents_required);
    let Some(input) = transaction.inputs_of(NAME, PURPOSE).next() else { return Ok(claims) };
    // The record of this payment stands last, after the one it is paid out of.
    let Some((output, state)) = transaction.outputs_of(NAME, SPENT).last() else { return Ok(claims) };
    if !required(&input.state)? {
        return Ok(claims);
    }
    let Spend { payee, document, .. } = read_spend(state)?;
    let once = |class, parts, near| ClaimIdentity { class, parts, output, kind: ClaimKind::Once, near };
    let near = near_number(&payee.to_string(), &document);
    claims.push(once("document number of the payee", vec![payee.to_string(), document], near));
    let attached = transaction.transaction.attachments.iter();
    claims.extend(attached.map(|evidence| once("evidence", vec![evidence.to_string()], Vec::new())));
    Ok(claims)
}

impl Contract for PurposeContract {
    fn id(&self) -> ContractId {
        ContractId::built_in(NAME)
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[PURPOSE, SPENT]
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        rules::verify(transaction).map_err(ContractError::new)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
        authorities(transaction, command).map_err(ContractError::new)
    }

    fn grounds(&self, transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        grounds(transaction).map_err(ContractError::new)
    }

    fn dues(&self, transaction: &LedgerTransaction) -> Result<Vec<Due>, ContractError> {
        dues(transaction).map_err(ContractError::new)
    }

    fn claims(&self, transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, ContractError> {
        claims(transaction).map_err(ContractError::new)
    }
}

#[cfg(test)]
mod tests;
