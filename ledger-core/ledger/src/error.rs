//! Errors with stable codes: one enum beside each set of rules, one variant per rule.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

/// An error that names its rule by a stable code in SCREAMING_SNAKE, its area first.
pub trait Coded: std::error::Error + Send + Sync + 'static {
    /// The stable code, e.g. `TOKEN_NOT_CONSERVED`.
    fn code(&self) -> &'static str;
}

/// Implements [`Coded`] for an error enum and lists its codes; variants behind `inner` hand on their source's code.
#[macro_export]
macro_rules! codes {
    ($type:ty { $($variant:ident => $code:literal),* $(,)? } $(inner { $($inner:ident),+ $(,)? })?) => {
        impl $crate::error::Coded for $type {
            fn code(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $code,)*
                    $($(Self::$inner(source) => $crate::error::Coded::code(source),)+)?
                }
            }
        }
        impl $type {
            /// Every code this enum itself gives.
            pub const CODES: &'static [&'static str] = &[$($code),*];
        }
    };
}

/// One rule: refuses with its error where it does not hold.
pub(crate) fn rule<E>(holds: bool, broken: impl FnOnce() -> E) -> Result<(), E> {
    if holds { Ok(()) } else { Err(broken()) }
}

/// What a contract refuses with: any coded error of its own.
#[derive(Clone, Debug, Error)]
#[error("{0}")]
pub struct ContractError(Arc<dyn Coded>);

impl ContractError {
    /// Wraps a contract's own error.
    pub fn new(error: impl Coded) -> Self {
        Self(Arc::new(error))
    }
}

impl Coded for ContractError {
    fn code(&self) -> &'static str {
        self.0.code()
    }
}

/// A refusal as it leaves the ledger: a code for programs and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The stable code of the rule.
    pub code: String,
    /// What is true and what to do, in English; it never names a rival.
    pub message: String,
}

impl fmt::Display for Rejection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Rejection {}

impl<E: Coded> From<E> for Rejection {
    fn from(error: E) -> Self {
        Self { code: error.code().to_owned(), message: error.to_string() }
    }
}
