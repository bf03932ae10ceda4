//! Why a text is not what it should be.

use thiserror::Error;

use super::{DEPTH_MAX, DIGITS_MAX, FIELDS_MAX, TEXT_BYTES_MAX};
use crate::evaluate::VALUE_BITS_MAX;

/// Why a text is refused. A path begins with `$`, the whole; a field follows a point, a place in a list stands in brackets.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JsonError {
    /// Past [`TEXT_BYTES_MAX`].
    #[error("the text has {bytes} bytes, at most {TEXT_BYTES_MAX} are read")]
    TooLong {
        /// As many as it has.
        bytes: usize,
    },
    /// No JSON.
    #[error("the text is no JSON at line {line}, column {column}: {reason}")]
    Syntax {
        /// Counted from 1.
        line: u64,
        /// Counted from 1.
        column: u64,
        /// What is wrong.
        reason: String,
    },
    /// Past [`DEPTH_MAX`].
    #[error("objects and lists lie more than {DEPTH_MAX} deep in each other; split the contract")]
    TooDeep,
    /// Past [`FIELDS_MAX`].
    #[error("an object has more than {FIELDS_MAX} fields; no form has so many")]
    TooManyFields,
    /// A field stands twice in an object.
    #[error("the field {name:?} stands twice in one object; keep one")]
    FieldTwice {
        /// Its name.
        name: String,
    },
    /// A field that the form does not have.
    #[error("{path} has the field {name:?}, which is none of: {known}")]
    FieldUnknown {
        /// Of the object.
        path: String,
        /// The field.
        name: String,
        /// What there is instead.
        known: String,
    },
    /// A field that the form needs.
    #[error("{path} lacks the field {name:?}")]
    FieldMissing {
        /// Of the object.
        path: String,
        /// The field.
        name: &'static str,
    },
    /// Something of another kind.
    #[error("{path} is no {expected}")]
    Unexpected {
        /// Where.
        path: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// A number with a fraction.
    #[error("{path} is no whole number; amounts are in the token's smallest unit")]
    NotWhole {
        /// Where.
        path: String,
    },
    /// Past [`DIGITS_MAX`] or [`VALUE_BITS_MAX`].
    #[error("{path} is an integer past {DIGITS_MAX} digits or {VALUE_BITS_MAX} bits")]
    IntegerTooLarge {
        /// Where.
        path: String,
    },
}

impl JsonError {
    /// The stable code of the rule.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "AGREEMENT_JSON_TOO_LONG",
            Self::Syntax { .. } => "AGREEMENT_JSON_SYNTAX",
            Self::TooDeep => "AGREEMENT_JSON_TOO_DEEP",
            Self::TooManyFields => "AGREEMENT_JSON_TOO_MANY_FIELDS",
            Self::FieldTwice { .. } => "AGREEMENT_JSON_FIELD_TWICE",
            Self::FieldUnknown { .. } => "AGREEMENT_JSON_FIELD_UNKNOWN",
            Self::FieldMissing { .. } => "AGREEMENT_JSON_FIELD_MISSING",
            Self::Unexpected { .. } => "AGREEMENT_JSON_UNEXPECTED",
            Self::NotWhole { .. } => "AGREEMENT_JSON_NOT_WHOLE",
            Self::IntegerTooLarge { .. } => "AGREEMENT_JSON_INTEGER_TOO_LARGE",
        }
    }
}
