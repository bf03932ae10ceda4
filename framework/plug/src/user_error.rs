//! Refusals of business rules, as payloads carry them: they are answers, not failures of the request.

use async_graphql::SimpleObject;
use ledger_core::{Coded, Rejection};

use crate::locale::{Locale, Messages};

/// Why a write was refused.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct UserError {
    /// The stable code of the rule, e.g. `TOKEN_NOT_CONSERVED`.
    pub code: String,
    /// The input field it is about, as a path; none if it is about the whole input.
    pub field: Option<Vec<String>>,
    /// What is true and what to do, in the language of the request. It never names a rival.
    pub message: String,
    /// What else is known, by name.
    pub details: Vec<ErrorDetail>,
}

/// A named fact about a refusal.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct ErrorDetail {
    /// What it is.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// What is worth looking at though nothing refuses it.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct Warning {
    /// The stable code, e.g. `CLAIM_NEAR`.
    pub code: String,
    /// What is true and what to do, in the language of the request. It never names a rival.
    pub message: String,
}

impl From<&ledger_core::Warning> for Warning {
    fn from(warning: &ledger_core::Warning) -> Self {
        Self { code: warning.code().to_owned(), message: warning.to_string() }
    }
}

impl From<hive_platform::proposal::view::ProposalWarning> for Warning {
    fn from(warning: hive_platform::proposal::view::ProposalWarning) -> Self {
        Self { code: warning.code, message: warning.message }
    }
}

impl Warning {
    /// The same with its message in the reader's language, if the language has one for the code.
    #[must_use]
    pub fn in_locale(self, messages: &Messages, locale: Locale) -> Self {
        let message = in_locale(&self.code, self.message, messages, locale);
        Self { message, ..self }
    }
}

impl UserError {
    /// The refusal of a rule.
    pub fn of(rejection: impl Into<Rejection>) -> Self {
        let Rejection { code, message, .. } = rejection.into();
        Self { code, field: None, message, details: Vec::new() }
    }

    /// The refusal of a rule about one input field, e.g. `["input", "amount"]`.
    pub fn at(field: &[&str], error: impl Coded) -> Self {
        Self { field: Some(field.iter().map(|part| (*part).to_owned()).collect()), ..Self::of(error) }
    }

    /// The same with a named fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.details.push(ErrorDetail { name: name.to_owned(), value: value.to_string() });
        self
    }

    /// The same with its message in the reader's language, if the language has one for the code.
    #[must_use]
    pub fn in_locale(self, messages: &Messages, locale: Locale) -> Self {
        let message = in_locale(&self.code, self.message, messages, locale);
        Self { message, ..self }
    }
}

/// The sentence of a code in a language. The English one of the rule itself knows the facts of the case, so it stays.
fn in_locale(code: &str, english: String, messages: &Messages, locale: Locale) -> String {
    match locale {
        Locale::En => english,
        other => messages.text(other, code, &[]).unwrap_or(english),
    }
}

#[cfg(test)]
mod tests {
    use ledger_core::AmountError;

    use super::*;

    #[test]
    fn a_refusal_keeps_its_code_and_changes_its_language() {
        let messages = Messages::load([]).unwrap();
        let error = UserError::at(&["input", "amount"], AmountError::Overflow).with("limit", 5);
        assert_eq!(error.field.as_deref(), Some(&["input".to_owned(), "amount".to_owned()][..]));
        let english = error.clone().in_locale(&messages, Locale::En);
        let chinese = error.clone().in_locale(&messages, Locale::ZhCn);
        assert_eq!(english, error);
        assert_eq!(chinese.code, error.code);
        assert_ne!(chinese.message, error.message);
    }

    #[test]
    fn a_warning_keeps_its_code_and_changes_its_language() {
        let messages = Messages::load([]).unwrap();
        let warning = Warning::from(&ledger_core::Warning::NearClaim { class: "document number", output: 0 });
        assert_eq!(warning.clone().in_locale(&messages, Locale::En), warning);
        let chinese = warning.clone().in_locale(&messages, Locale::ZhCn);
        assert_eq!((chinese.code.as_str(), warning.code.as_str()), ("CLAIM_NEAR", "CLAIM_NEAR"));
        assert_ne!(chinese.message, warning.message);
    }
}
