//! How an agreement begins.

use std::collections::BTreeSet;

use ledger_agreement::analysis::analyse;
use ledger_agreement::{Action, BigInt, Contract, State as Remembered};
use prost::Message;

use crate::contract::Signer;
use crate::contract::agreement::names::Names;
use crate::contract::agreement::step::INPUTS_MAX;
use crate::contract::agreement::{
    AGREEMENT, Actor, Agreement, AgreementError, Binding, NAME, What, agreement_state, parties, read_agreement,
};
use crate::encoding::Wire;
use crate::error::rule;
use crate::id::AgreementId;
use crate::state::State;
use crate::transaction::{Command, LedgerTransaction, TimeWindow};
use crate::wire;

/// Every party of the agreement.
pub(super) fn signers(transaction: &LedgerTransaction) -> Result<Vec<Signer>, AgreementError> {
    let agreement = read_agreement(opened(transaction)?)?;
    let parties = parties(&agreement.contract, &agreement.binding)?;
    Ok(parties.into_iter().map(|party| Signer { party, role: "party" }).collect())
}

fn opened(transaction: &LedgerTransaction) -> Result<&State, AgreementError> {
    match (transaction.inputs.as_slice(), transaction.transaction.outputs.as_slice()) {
        ([], [state]) if state.is(NAME, AGREEMENT) => Ok(state),
        _ => Err(AgreementError::OpenStates),
    }
}

pub(super) fn opens_one_agreement(transaction: &LedgerTransaction, command: &Command) -> Result<(), AgreementError> {
    let wire::AgreementOpen {} = command.message()?;
    let state = opened(transaction)?;
    let (agreement, frame) = (read_agreement(state)?, &transaction.transaction);
    let follows = agreement.agreement == AgreementId::derive(&frame.chain, &frame.command_id);
    rule(follows, || AgreementError::IdDiffers)?;
    is_new(&agreement, frame.time_window)?;
    names_are_bound(&agreement)?;
    let parties = parties(&agreement.contract, &agreement.binding)?;
    rule(*state == agreement_state(&agreement, parties), || AgreementError::FrameDiffers)
}

/// It has done nothing yet, and waits for something that can still happen.
fn is_new(agreement: &Agreement, TimeWindow { from_ms, until_ms }: TimeWindow) -> Result<(), AgreementError> {
    let is_new = agreement.step == 0 && agreement.state == Remembered::empty(BigInt::from(from_ms));
    rule(is_new, || AgreementError::NotNew { from_ms })?;
    let Contract::When { timeout, .. } = &*agreement.contract else { return Err(AgreementError::NotWaiting) };
    let is_ahead = *timeout >= BigInt::from(until_ms);
    rule(is_ahead, || AgreementError::DeadlinePast { deadline: timeout.to_string(), until_ms })?;
    // Findings are advice; what could leave the ledger's bounds is refused, so that no step fails for it later.
    analyse(&agreement.contract, &agreement.state, i64::try_from(from_ms).unwrap_or(i64::MAX))?;
    Ok(())
}

/// Outputs of a transaction.
pub(super) const OUTPUTS_MAX: usize = 256;

/// Each wait is for one price at most: else two could be taken next, and somebody would choose.
fn waits_for_one_fact(contract: &Contract, binding: &Binding) -> Result<(), AgreementError> {
    match contract {
        Contract::Close => Ok(()),
        Contract::Pay { then, .. } | Contract::Let { then, .. } | Contract::Assert { then, .. } => {
            waits_for_one_fact(then, binding)
        }
        Contract::If { then, otherwise, .. } => {
            waits_for_one_fact(then, binding)?;
            waits_for_one_fact(otherwise, binding)
        }
        Contract::When { cases, timeout_continuation, .. } => {
            let mut facts = BTreeSet::new();
            for case in cases {
                if let Action::Choice { for_choice, .. } = &case.action
                    && let Actor::Feed(_) = binding.who(&for_choice.choice_owner)?
                {
                    facts.insert(for_choice);
                }
                waits_for_one_fact(&case.then, binding)?;
            }
            rule(facts.len() <= 1, || AgreementError::SeveralFacts)?;
            waits_for_one_fact(timeout_continuation, binding)
        }
    }
}

/// Whatever the agreement comes to remember, its state stays within what a state holds.
fn state_stays_within_bounds(agreement: &Agreement, names: &Names) -> Result<(), AgreementError> {
    let bytes = agreement.to_wire().encoded_len().saturating_add(names.remembered_bytes());
    rule(bytes <= State::DATA_BYTES_MAX, || AgreementError::CouldOutgrow { bytes })?;
    // The agreement; of each token what stays and what each party is paid; what depositors have left.
    let (tokens, parties) = (names.tokens.len(), names.holders.len());
    let outputs = tokens.saturating_mul(parties.saturating_add(1)).saturating_add(INPUTS_MAX).saturating_add(1);
    rule(outputs <= OUTPUTS_MAX, || AgreementError::TooManyOutputs { outputs })
}

/// Each name in the contract means something, and each meaning has a name in it.
fn names_are_bound(agreement: &Agreement) -> Result<(), AgreementError> {
    let names = Names::of(&agreement.contract);
    rule(!names.reads_interval, || AgreementError::ReadsInterval)?;
    state_stays_within_bounds(agreement, &names)?;
    waits_for_one_fact(&agreement.contract, &agreement.binding)?;
    for holder in &names.holders {
        agreement.binding.address(holder)?;
    }
    for token in &names.tokens {
        agreement.binding.what(token)?;
    }
    let mut roles = Vec::new();
    for party in &names.parties {
        if let (Actor::Party(_) | Actor::Feed(_), ledger_agreement::Party::Role(role)) =
            (agreement.binding.who(party)?, party)
        {
            roles.push(role);
        }
    }
    if let Some(role) = agreement.binding.roles.keys().find(|role| !roles.contains(role)) {
        return Err(AgreementError::RoleUnused { role: role.clone() });
    }
    let whats: BTreeSet<What> = agreement.binding.tokens.values().copied().collect();
    rule(whats.len() == agreement.binding.tokens.len(), || AgreementError::TokenTwice)?;
    match agreement.binding.tokens.keys().find(|token| !names.tokens.contains(token)) {
        Some(token) => Err(AgreementError::TokenUnused { token: token.token_name.clone() }),
        None => Ok(()),
    }
}
