//! Transactions of agreements, for whoever sends them: what a step makes is computed, not chosen.

use std::sync::Arc;

use ledger_agreement::{BigInt, Contract as Language, Input, JsonForm, State as Remembered};

use crate::contract::agreement::outcome::Outcome;
use crate::contract::agreement::step::outputs;
use crate::contract::agreement::{
    Agreement, AgreementError, Binding, NAME, OPEN, STEP, What, agreement_state, parties, read_agreement,
};
use crate::contract::{title, token};
use crate::id::{AgreementId, ContractId, Digest, StateRef};
use crate::state::State;
use crate::transaction::{ResolvedState, TransactionBuilder, TransactionFrame};
use crate::wire;

/// What an agreement begins with.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The contract; it waits for something.
    pub contract: Arc<Language>,
    /// Who its roles are, and what its tokens are.
    pub binding: Binding,
    /// 32 random bytes.
    pub salt: [u8; 32],
    /// What it is made of; none = of no template.
    pub template: Option<Made>,
}

/// A template with arguments.
#[derive(Clone, Debug)]
pub struct Made {
    /// The template's state.
    pub state: StateRef,
    /// Its version.
    pub version: Digest,
    /// The arguments' JSON.
    pub arguments: String,
}

impl Terms {
    /// Opens the agreement; all its parties sign.
    ///
    /// # Errors
    /// The contract names somebody whom the binding does not know.
    pub fn open(self, frame: TransactionFrame) -> Result<TransactionBuilder, AgreementError> {
        let Self { contract, binding, salt, template } = self;
        let parties = parties(&contract, &binding)?;
        let agreement = Agreement {
            agreement: AgreementId::derive(&frame.chain, &frame.command_id),
            state: Remembered::empty(BigInt::from(frame.time_window.from_ms)),
            step: 0,
            contract,
            binding,
            salt,
            template: template.as_ref().map(|made| made.version),
        };
        let builder = TransactionBuilder::new(frame).output(agreement_state(&agreement, parties));
        let builder = template.iter().fold(builder, |builder, made| builder.current(made.state));
        let arguments = template.map(|made| made.arguments).unwrap_or_default();
        Ok(builder.command(ContractId::built_in(NAME), OPEN, &wire::AgreementOpen { arguments }))
    }
}

/// Takes a step: `consumed` are the agreement's own tokens and titles that move, and those of whoever pays in.
///
/// # Errors
/// The contract takes none of this, or what is consumed is not what the step moves.
pub fn step(
    frame: TransactionFrame,
    agreement: &ResolvedState,
    consumed: &[&ResolvedState],
    inputs: &[Input],
) -> Result<TransactionBuilder, AgreementError> {
    let before = read_agreement(&agreement.state)?;
    let outcome = before.outcome(inputs, frame.time_window)?;
    played((frame, before.agreement), agreement, consumed, (inputs, &outcome))
}

/// The same, of what comes of it.
pub(super) fn played(
    (frame, id): (TransactionFrame, AgreementId),
    agreement: &ResolvedState,
    consumed: &[&ResolvedState],
    (inputs, outcome): (&[Input], &Outcome),
) -> Result<TransactionBuilder, AgreementError> {
    let all: Vec<&State> =
        std::iter::once(agreement).chain(consumed.iter().copied()).map(|input| input.state.as_ref()).collect();
    let outputs = outputs(&agreement.state, outcome, &all)?;
    let builder = TransactionBuilder::new(frame).input(agreement.reference);
    let builder = consumed.iter().fold(builder, |builder, input| builder.input(input.reference));
    let builder = outputs.into_iter().fold(builder, TransactionBuilder::output);
    let texts = inputs.iter().map(JsonForm::to_text).collect();
    let arguments = wire::AgreementStep { agreement: id.to_vec(), inputs: texts };
    let builder = builder.command(ContractId::built_in(NAME), STEP, &arguments);
    Ok(beside(outcome).into_iter().fold(builder, |builder, (contract, name)| {
        // Both messages are empty.
        builder.command(ContractId::built_in(contract), name, &wire::TokenTransfer {})
    }))
}

/// The commands that stand beside a step, by what moves.
pub(super) fn beside(outcome: &Outcome) -> Vec<(&'static str, &'static str)> {
    let moves = |is: fn(&What) -> bool| outcome.flows.keys().any(is);
    let titles = moves(|what| matches!(what, What::Title(_))).then_some((title::NAME, title::CARRY));
    let tokens = moves(|what| matches!(what, What::Asset(_))).then_some((token::NAME, token::TRANSFER));
    titles.into_iter().chain(tokens).collect()
}
