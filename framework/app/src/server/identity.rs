//! Who calls: bearer tokens, checked against the sessions of the platform on every request.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use futures_util::future::BoxFuture;
use hive_platform::Principal;
use hive_plug::error::{ApiError, ErrorCode};

/// Knows the sessions.
pub trait Identity: Send + Sync + 'static {
    /// Who sends this access token.
    fn of_token<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Principal, ApiError>>;
    /// Whether a principal of before still counts.
    fn still_counts<'a>(&'a self, principal: &'a Principal) -> BoxFuture<'a, Result<(), ApiError>>;
}

/// Who sends a request; nobody without an `Authorization` header.
///
/// # Errors
/// `UNAUTHENTICATED` for a header that is no good: it is better to hear that than to be taken for nobody.
pub async fn caller(identity: &Arc<dyn Identity>, headers: &HeaderMap) -> Result<Option<Principal>, ApiError> {
    let Some(header) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let token = header.to_str().ok().and_then(bearer);
    let token = token.ok_or_else(|| refused("the Authorization header must be \"Bearer <access token>\""))?;
    identity.of_token(token).await.map(Some)
}

/// The token of a `Bearer` header.
pub fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()).filter(|token| !token.is_empty())
}

fn refused(message: &str) -> ApiError {
    ApiError::new(ErrorCode::Unauthenticated, message)
}

#[cfg(test)]
mod tests {
    use super::bearer;

    #[test]
    fn only_bearer_headers_carry_a_token() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer abc"), Some("abc"));
        for header in ["abc", "Basic abc", "Bearer", "Bearer "] {
            assert_eq!(bearer(header), None, "{header}");
        }
    }
}
