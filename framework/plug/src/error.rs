//! Top-level errors: a closed set of codes. Rules of the ledger keep their own codes and answer as user errors.

use thiserror::Error;

use crate::user_error::UserError;

/// Codes that stand in `extensions.code` of a GraphQL error and in the body of a REST error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// No sign-in, or one that no longer counts.
    Unauthenticated,
    /// Signed in, but not entitled.
    Forbidden,
    /// The request itself is wrong.
    BadUserInput,
    /// There is no such thing, or the caller may not see it.
    NotFound,
    /// The request meets a state that does not allow it.
    Conflict,
    /// A cursor that this list did not give.
    InvalidCursor,
    /// An idempotency key that was used with other input.
    IdempotencyKeyReused,
    /// Too many requests.
    RateLimited,
    /// A query too deep, too wide or too expensive.
    ComplexityLimit,
    /// The node cannot take it now; ask again.
    Busy,
    /// A fault of the node; its details are in the log under the request id.
    Internal,
}

impl ErrorCode {
    /// Every code.
    pub const ALL: &'static [Self] = &[
        Self::Unauthenticated,
        Self::Forbidden,
        Self::BadUserInput,
        Self::NotFound,
        Self::Conflict,
        Self::InvalidCursor,
        Self::IdempotencyKeyReused,
        Self::RateLimited,
        Self::ComplexityLimit,
        Self::Busy,
        Self::Internal,
    ];

    /// The stable text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::NotFound => "NOT_FOUND",
            Self::Conflict => "CONFLICT",
            Self::InvalidCursor => "INVALID_CURSOR",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::RateLimited => "RATE_LIMITED",
            Self::ComplexityLimit => "COMPLEXITY_LIMIT",
            Self::Busy => "BUSY",
            Self::Internal => "INTERNAL",
        }
    }
}

/// An error as it leaves a resolver; `?` makes a GraphQL error of it, and the server adds code and request id.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ApiError {
    /// Which of the closed set.
    pub code: ErrorCode,
    /// What is true and what to do. Of an [`ErrorCode::Internal`] only the log learns it.
    pub message: String,
    /// The stable code of the rule that refuses, where one does; it stands in `extensions.rule`.
    pub rule: Option<String>,
}

/// What a resolver answers.
pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// An error of this code.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), rule: None }
    }

    /// Nobody is signed in.
    pub fn unauthenticated() -> Self {
        Self::new(
            ErrorCode::Unauthenticated,
            "sign in first: POST /auth/challenge, sign it, POST /auth/token, then send the token as Authorization: Bearer",
        )
    }

    /// The caller is not entitled; `needs` says to what.
    pub fn forbidden(needs: impl std::fmt::Display) -> Self {
        Self::new(ErrorCode::Forbidden, format!("this needs {needs}"))
    }

    /// The request is wrong.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadUserInput, message)
    }

    /// A rule refuses what is asked. The refusal is given in the language of the request.
    pub fn refused(refusal: UserError) -> Self {
        Self { rule: Some(refusal.code), ..Self::bad_input(refusal.message) }
    }

    /// There is no such thing, or the caller may not see it: both answer alike.
    pub fn not_found(what: impl std::fmt::Display) -> Self {
        Self::new(ErrorCode::NotFound, format!("there is no {what} that you may see"))
    }

    /// The node cannot take it now.
    pub fn busy(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Busy, message)
    }

    /// A fault of the node.
    pub fn internal(source: impl std::fmt::Display) -> Self {
        Self::new(ErrorCode::Internal, source.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorCode;

    #[test]
    fn every_code_has_its_own_text() {
        let mut texts: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), ErrorCode::ALL.len());
    }
}
