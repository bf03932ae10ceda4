//! Templates: contracts with places for parameters, with a title and a text for people.
//!
//! A template is one JSON text, which a ledger can store and name by its hash; [`Template::instantiate`] makes a contract
//! of it. How a template is written stands in `templates/README.md` beside this crate's sources.

mod argument;
mod built_in;
mod error;
mod expand;
mod parameter;
mod read;
#[cfg(test)]
mod tests;

use crate::analysis::CONTRACT_BYTES_MAX;
use crate::contract::Contract;
use crate::explain::Language;
use crate::json::{Json, JsonForm};

pub use built_in::{BUILT_IN, BuiltIn, built_in};
pub use error::TemplateError;
pub use parameter::{Kind, LIST_MAX, NAMES_MAX, Parameter, SHARE_WHOLE};
pub use read::{TEMPLATE_BYTES_MAX, TEXT_BYTES_MAX};

use argument::Arguments;
pub(crate) use argument::read_time;

/// A text in the languages of the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub english: String,
    /// Simplified Chinese.
    pub chinese: String,
}

impl Text {
    /// The text in a language.
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::Chinese => &self.chinese,
        }
    }
}

/// A role or a token that the contract names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<K> {
    /// As it stands in the contract; with a number behind it where there is one for each entry of a list.
    pub name: String,
    /// What it may be bound to.
    pub kind: K,
    /// What it is.
    pub title: Text,
    /// The list that has one of it for each entry.
    pub for_each: Option<String>,
}

/// Who can take a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleKind {
    /// A party, who signs.
    Party,
    /// A price feed, whose prices are its choices.
    Feed,
}

/// What a token can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Units of an asset, its smallest.
    Asset,
    /// A title, of which there is one.
    Title,
}

/// A contract with places for parameters. Invariant: with any arguments within their bounds it becomes a contract whose
/// names are those of `roles` and `tokens`, of [`CONTRACT_BYTES_MAX`] at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// As it is called on the command line: small letters, digits and hyphens.
    pub name: String,
    /// What it is.
    pub title: Text,
    /// What it does, for whom, and what happens when somebody does nothing.
    pub text: Text,
    /// Who takes part.
    pub roles: Vec<Named<RoleKind>>,
    /// What is paid with.
    pub tokens: Vec<Named<TokenKind>>,
    /// What has to be given. Times come in this order, each after the one before.
    pub parameters: Vec<Parameter>,
    /// The contract's JSON with places.
    contract: Json,
}

impl Template {
    /// The contract with these arguments: an object with a field for each parameter.
    ///
    /// # Errors
    /// An argument is missing, unknown, of another kind or out of its bounds; times out of order; shares past the whole.
    pub fn instantiate(&self, arguments: &Json) -> Result<Contract, TemplateError> {
        let arguments = Arguments::read(&self.parameters, arguments)?;
        let (json, _) = expand::expand(&self.contract, &arguments)?;
        contract(&json)
    }
}

/// The contract of an expanded text.
fn contract(json: &Json) -> Result<Contract, TemplateError> {
    let text = json.to_string();
    if text.len() > CONTRACT_BYTES_MAX {
        return Err(TemplateError::TooLarge);
    }
    Ok(Contract::from_text(&text)?)
}
