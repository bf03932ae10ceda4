//! Contract `agreement`: contracts in the language Marlowe Core, which the ledger carries out and nobody holds back.
//!
//! An agreement is one state with its own address, which owns what is paid in: tokens and titles that move by its steps
//! alone. A step makes exactly what the language says of it, so its outputs are nobody's choice; a step that a deadline or a
//! published price allows needs no signature.

mod bind;
mod build;
mod error;
mod names;
mod open;
mod outcome;
mod step;
mod template;
mod unsigned;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use ledger_agreement as language;
use ledger_agreement::JsonForm;

pub use bind::{Actor, Binding, Role, What};
pub use build::{Made, Terms, step};
pub use error::AgreementError;
pub use template::{read_template, template_state, template_version};
pub use unsigned::{Awaited, Cause, Due, UnsignedStep, awaited};

use crate::claim::ClaimIdentity;
use crate::condition::Condition;
use crate::contract::{Contract, Ground, Signer};
use crate::encoding::{EncodingError, Wire, plain_text};
use crate::error::ContractError;
use crate::id::{Address, AgreementId, ContractId, Digest, StateRef};
use crate::party::Permission;
use crate::state::State;
use crate::transaction::LedgerTransaction;
use crate::wire;

/// The contract's name.
pub const NAME: &str = "agreement";
/// The kind of an agreement's state.
pub const AGREEMENT: &str = "agreement";
/// The kind of a template's state.
pub const TEMPLATE: &str = "template";
/// Creates an agreement; all its parties sign.
pub const OPEN: &str = "open";
/// Takes the next step; who pays in or chooses signs, and nobody where a deadline or a price allows it.
pub const STEP: &str = "step";
/// Publishes a template; the publisher signs, who may issue.
pub const PUBLISH: &str = "publish";
/// Takes a template back; its publisher signs. Agreements that were made of it stay as they are.
pub const RETIRE: &str = "retire";
/// Every command.
pub const COMMANDS: &[&str] = &[OPEN, STEP, PUBLISH, RETIRE];

/// Rules of agreements.
#[derive(Clone, Copy, Debug, Default)]
pub struct AgreementContract;

/// An agreement between steps. The state's owner is the agreement's own address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// `H(chain, command id)`; also its address.
    pub agreement: AgreementId,
    /// What is left of the contract.
    pub contract: Arc<language::Contract>,
    /// What it remembers: accounts, choices, values, and from when it goes on.
    pub state: language::State,
    /// Who its roles are, and what its tokens are.
    pub binding: Binding,
    /// Steps taken so far.
    pub step: u64,
    /// What the salts of unsigned steps follow from.
    pub salt: [u8; 32],
    /// Version of the template that it was made of.
    pub template: Option<Digest>,
}

/// An agreement's state; its parties see it.
pub fn agreement_state(agreement: &Agreement, parties: impl IntoIterator<Item = Address>) -> State {
    let owner = agreement.agreement.address();
    State::new(ContractId::built_in(NAME), AGREEMENT, owner, parties, &agreement.to_wire())
}

/// The parties of a contract: those that it names by address, and those that are its roles.
///
/// # Errors
/// It names somebody whom the binding does not know.
pub fn parties(contract: &language::Contract, binding: &Binding) -> Result<BTreeSet<Address>, AgreementError> {
    let by_role = binding.roles.values().filter_map(|who| match who {
        Actor::Party(party) => Some(*party),
        Actor::Feed(_) => None,
    });
    let mut parties: BTreeSet<Address> = by_role.collect();
    for party in names::Names::of(contract).parties {
        if let Actor::Party(party) = binding.who(&party)? {
            parties.insert(party);
        }
    }
    Ok(parties)
}

/// Reads an agreement.
pub fn read_agreement(state: &State) -> Result<Agreement, AgreementError> {
    Ok(Agreement::from_wire(state.message()?)?)
}

/// The addresses of agreements that the transaction opens or steps: no party has them, so no rule of parties asks for them.
pub(crate) fn own_addresses(transaction: &LedgerTransaction) -> Vec<Address> {
    let inputs = transaction.inputs_of(NAME, AGREEMENT).map(|input| input.state.owner);
    inputs.chain(transaction.outputs_of(NAME, AGREEMENT).map(|(_, state)| state.owner)).collect()
}

/// The address whose tokens and titles move by the step that is taken here.
pub(crate) fn stepping(transaction: &LedgerTransaction) -> Option<Address> {
    transaction.command(NAME).filter(|command| command.name == STEP)?;
    transaction.inputs_of(NAME, AGREEMENT).next().map(|input| input.state.owner)
}

/// The tokens and titles that the step moves on the agreement's own account: nobody signs for them.
pub(crate) fn own_states(transaction: &LedgerTransaction) -> Vec<StateRef> {
    let own = stepping(transaction);
    transaction.inputs.iter().filter(|input| Some(input.state.owner) == own).map(|input| input.reference).collect()
}

impl Contract for AgreementContract {
    fn id(&self) -> ContractId {
        ContractId::built_in(NAME)
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[AGREEMENT, TEMPLATE]
    }

    /// A step is read and played once.
    fn over<'t>(&self, transaction: &'t LedgerTransaction) -> Option<Box<dyn Contract + 't>> {
        let command = transaction.command(NAME).filter(|command| command.name == STEP)?;
        Some(Box::new(StepContract(step::asked(transaction, command))))
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        let Some(command) = transaction.command(NAME) else { return Ok(()) };
        if let Some(step) = self.over(transaction) {
            return step.verify(transaction);
        }
        let verified = match command.name.as_str() {
            OPEN => open::opens_one_agreement(transaction, command),
            PUBLISH => template::publishes_one_template(transaction, command),
            RETIRE => template::retires_one_template(transaction, command),
            name => Err(AgreementError::CommandUnknown { name: name.to_owned() }),
        };
        verified.map_err(ContractError::new)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
        if let Some(step) = self.over(transaction) {
            return step.authorities(transaction);
        }
        let signers = match command.name.as_str() {
            OPEN => open::signers(transaction),
            PUBLISH => Ok(vec![Signer { party: transaction.transaction.submitter, role: "publisher" }]),
            _ => Ok(Vec::new()),
        };
        signers.map_err(ContractError::new)
    }

    fn grounds(&self, transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        Ok(own_states(transaction).into_iter().map(|state| (state, Ground::Agreement)).collect())
    }

    fn claims(&self, transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, ContractError> {
        template::claims(transaction).map_err(ContractError::new)
    }

    fn unsigned_step(&self, transaction: &LedgerTransaction) -> Result<Option<String>, ContractError> {
        self.over(transaction).map_or(Ok(None), |step| step.unsigned_step(transaction))
    }

    fn conditions(&self, transaction: &LedgerTransaction) -> Result<Vec<Condition>, ContractError> {
        let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
        if let Some(step) = self.over(transaction) {
            return step.conditions(transaction);
        }
        if command.name == PUBLISH {
            return Ok(vec![Condition::PartyMay(transaction.transaction.submitter, Permission::Issue)]);
        }
        let opened = transaction.outputs_of(NAME, AGREEMENT).filter_map(|(_, state)| read_agreement(state).ok());
        Ok(opened.flat_map(|agreement| step::begins_after_prices(transaction, &agreement)).collect())
    }
}

/// The contract over one step, or why there is none.
struct StepContract<'t>(Result<step::Asked<'t>, AgreementError>);

impl StepContract<'_> {
    fn answer<T>(&self, of: impl FnOnce(&step::Asked<'_>) -> Result<T, AgreementError>) -> Result<T, ContractError> {
        self.0.as_ref().map_err(AgreementError::clone).and_then(of).map_err(ContractError::new)
    }
}

impl Contract for StepContract<'_> {
    fn id(&self) -> ContractId {
        AgreementContract.id()
    }

    fn kinds(&self) -> &'static [&'static str] {
        AgreementContract.kinds()
    }

    fn verify(&self, _transaction: &LedgerTransaction) -> Result<(), ContractError> {
        self.answer(step::follows_from_the_contract)
    }

    fn authorities(&self, _transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        self.answer(step::signers)
    }

    fn grounds(&self, transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        AgreementContract.grounds(transaction)
    }

    fn claims(&self, transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, ContractError> {
        AgreementContract.claims(transaction)
    }

    fn unsigned_step(&self, transaction: &LedgerTransaction) -> Result<Option<String>, ContractError> {
        self.answer(|asked| unsigned::is_nobodys_choice(transaction, asked)).map(Some)
    }

    fn conditions(&self, _transaction: &LedgerTransaction) -> Result<Vec<Condition>, ContractError> {
        self.answer(step::prices_are_as_they_come)
    }
}

/// The one text of a contract, a state or an input; another text of the same is refused.
pub(crate) fn read_text<T: JsonForm>(text: &str, maximum: usize, field: &'static str) -> Result<T, EncodingError> {
    plain_text(text, maximum, field)?;
    let malformed = |error: language::JsonError| EncodingError::Malformed { message: field, reason: error.to_string() };
    let value = T::from_text(text).map_err(malformed)?;
    if value.to_text() == text { Ok(value) } else { Err(EncodingError::NotCanonical { message: field }) }
}

impl Wire for Agreement {
    type Message = wire::Agreement;

    fn to_wire(&self) -> wire::Agreement {
        let (roles, tokens) = self.binding.to_wire();
        wire::Agreement {
            agreement: self.agreement.to_vec(),
            contract: self.contract.to_text(),
            state: self.state.to_text(),
            roles,
            tokens,
            step: self.step,
            salt: self.salt.to_vec(),
            template: self.template.map(|template| template.to_vec()).unwrap_or_default(),
        }
    }

    fn from_wire(message: wire::Agreement) -> Result<Self, EncodingError> {
        let template = Some(message.template.as_slice()).filter(|template| !template.is_empty());
        let salt = message.salt.as_slice();
        let length = EncodingError::Length { field: "agreement.salt", expected: 32, actual: salt.len() };
        Ok(Self {
            agreement: message.agreement.as_slice().try_into()?,
            contract: Arc::new(read_text(&message.contract, State::DATA_BYTES_MAX, "agreement.contract")?),
            state: read_text(&message.state, State::DATA_BYTES_MAX, "agreement.state")?,
            binding: Binding::from_wire(message.roles, message.tokens)?,
            step: message.step,
            salt: salt.try_into().map_err(|_| length)?,
            template: template.map(TryInto::try_into).transpose()?,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests;
