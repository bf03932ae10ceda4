//! Why a text is no template, or why there is no contract of it.

use num_bigint::BigInt;
use thiserror::Error;

use super::{LIST_MAX, NAMES_MAX, SHARE_WHOLE, TEMPLATE_BYTES_MAX};
use crate::analysis::CONTRACT_BYTES_MAX;
use crate::json::JsonError;

/// Why a template or its arguments are refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// Not the form; a path begins with `$`, the whole of the template, of the arguments or of the contract.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Past [`TEMPLATE_BYTES_MAX`].
    #[error("the template has {bytes} bytes, at most {TEMPLATE_BYTES_MAX} are read; shorten it")]
    TooLong {
        /// As many as its one text has.
        bytes: usize,
    },
    /// A name of other letters.
    #[error("{name:?} is no name: 1 to 64 small letters, digits, - or _, a letter first")]
    Name {
        /// The name.
        name: String,
    },
    /// Two of one name.
    #[error("the name {name:?} stands twice; names of parameters, of fields of lists, of roles, of tokens differ")]
    NameTwice {
        /// The name.
        name: String,
    },
    /// Past [`NAMES_MAX`].
    #[error("there are {count} {what}, at most {NAMES_MAX} are allowed; make two agreements of it")]
    TooMany {
        /// Parameters, fields, roles or tokens.
        what: &'static str,
        /// So many.
        count: usize,
    },
    /// Bounds that are none, or wider than the kind's.
    #[error(
        "the bounds of {name:?} are none: from 1 for amounts, 0 to {SHARE_WHOLE} for shares, 1 to {LIST_MAX} for lists"
    )]
    Bounds {
        /// The parameter.
        name: String,
    },
    /// A place that nothing is for.
    #[error("nothing in reach is called {name:?} where the contract has a place for it")]
    PlaceUnknown {
        /// What stands in the place.
        name: String,
    },
    /// A parameter that changes nothing.
    #[error("the contract has no place for the parameter {name:?}; remove it or use it")]
    ParameterUnused {
        /// The parameter.
        name: String,
    },
    /// A role or a token that has no title.
    #[error("the contract names {name:?}, which is none of the template's roles and tokens; add it there")]
    NameUndeclared {
        /// The name.
        name: String,
    },
    /// A role or a token that is never named.
    #[error("the contract never names {name:?}; remove it from the roles or tokens")]
    NameUnused {
        /// The name.
        name: String,
    },
    /// Past [`CONTRACT_BYTES_MAX`].
    #[error("the contract could have more than {CONTRACT_BYTES_MAX} bytes; allow fewer entries of lists")]
    TooLarge,
    /// No argument for a parameter.
    #[error("the parameter {path} is missing; give it")]
    ParameterMissing {
        /// The parameter.
        path: String,
    },
    /// An argument for nothing.
    #[error("there is no parameter {path}; the template has: {known}")]
    ParameterUnknown {
        /// The argument.
        path: String,
        /// What there is.
        known: String,
    },
    /// Out of the parameter's bounds.
    #[error("{path} is {value}, it must be from {from} to {to}")]
    ParameterOutOfBounds {
        /// The parameter.
        path: String,
        /// What was given; for a list, how many.
        value: BigInt,
        /// The least.
        from: BigInt,
        /// The most.
        to: BigInt,
    },
    /// A time that does not come after the one before.
    #[error("{path} is {time}, it must be after {before}, which is {earlier}")]
    ParameterTimeOrder {
        /// The parameter.
        path: String,
        /// Milliseconds since 1970.
        time: BigInt,
        /// The parameter before.
        before: String,
        /// Its time.
        earlier: BigInt,
    },
    /// More than there is.
    #[error("the shares of {path} come to {total}, at most {SHARE_WHOLE} (the whole) are there")]
    ParameterShares {
        /// The list.
        path: String,
        /// Their sum in basis points.
        total: BigInt,
    },
}

impl TemplateError {
    /// The stable code of the rule.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::TooLong { .. } => "AGREEMENT_TEMPLATE_TOO_LONG",
            Self::Name { .. } => "AGREEMENT_TEMPLATE_NAME",
            Self::NameTwice { .. } => "AGREEMENT_TEMPLATE_NAME_TWICE",
            Self::TooMany { .. } => "AGREEMENT_TEMPLATE_TOO_MANY",
            Self::Bounds { .. } => "AGREEMENT_TEMPLATE_BOUNDS",
            Self::PlaceUnknown { .. } => "AGREEMENT_TEMPLATE_PLACE_UNKNOWN",
            Self::ParameterUnused { .. } => "AGREEMENT_TEMPLATE_PARAMETER_UNUSED",
            Self::NameUndeclared { .. } => "AGREEMENT_TEMPLATE_NAME_UNDECLARED",
            Self::NameUnused { .. } => "AGREEMENT_TEMPLATE_NAME_UNUSED",
            Self::TooLarge => "AGREEMENT_TEMPLATE_TOO_LARGE",
            Self::ParameterMissing { .. } => "AGREEMENT_PARAMETER_MISSING",
            Self::ParameterUnknown { .. } => "AGREEMENT_PARAMETER_UNKNOWN",
            Self::ParameterOutOfBounds { .. } => "AGREEMENT_PARAMETER_OUT_OF_BOUNDS",
            Self::ParameterTimeOrder { .. } => "AGREEMENT_PARAMETER_TIME_ORDER",
            Self::ParameterShares { .. } => "AGREEMENT_PARAMETER_SHARES",
        }
    }
}
