//! The templates that come with the house, each with a worked example.

use super::{Template, TemplateError};
use crate::example::Example;
use crate::json::JsonError;

/// A template's text and its example's.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// The template's name.
    pub name: &'static str,
    /// The template's JSON.
    pub template: &'static str,
    /// The example's JSON.
    pub example: &'static str,
}

impl BuiltIn {
    /// The template.
    ///
    /// # Errors
    /// Never for those of [`BUILT_IN`]; tests read them all.
    pub fn template(&self) -> Result<Template, TemplateError> {
        Template::read(self.template)
    }

    /// The worked example.
    ///
    /// # Errors
    /// Never for those of [`BUILT_IN`]; tests read them all.
    pub fn example(&self) -> Result<Example, JsonError> {
        Example::read(self.example)
    }
}

macro_rules! of {
    ($name:literal) => {
        BuiltIn {
            name: $name,
            template: include_str!(concat!("../../templates/", $name, ".json")),
            example: include_str!(concat!("../../templates/", $name, ".example.json")),
        }
    };
}

/// Every template that comes with the house.
pub const BUILT_IN: [BuiltIn; 8] = [
    of!("escrow"),
    of!("delivery-versus-payment"),
    of!("split-settlement"),
    of!("repayment-waterfall"),
    of!("instalment-schedule"),
    of!("margin-call"),
    of!("guarantee"),
    of!("standing-order"),
];

/// The one of a name.
pub fn built_in(name: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|built_in| built_in.name == name)
}
