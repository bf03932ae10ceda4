//! The caller's own sessions.

use async_graphql::{Context, ID, Object, SimpleObject};
use hive_platform::SessionError;
use hive_plug::error::{ApiError, ApiResult};
use hive_plug::guard::SignedIn;
use hive_plug::scalar::{DateTime, Hex};
use hive_plug::{RequestContext, UserError};

/// Fields about sessions.
#[derive(Default)]
pub struct SessionQuery;

/// Fields that end sessions.
#[derive(Default)]
pub struct SessionMutation;

/// A session of the caller's party.
#[derive(SimpleObject)]
pub struct Session {
    /// Its id.
    id: ID,
    /// The public key that signed in.
    key: Hex,
    /// When it was opened.
    opened_at: DateTime,
    /// When it ends whatever is done.
    expires_at: DateTime,
    /// True for the session that asks.
    current: bool,
}

/// What became of a session that was to end.
#[derive(SimpleObject)]
pub struct EndSessionPayload {
    /// True if the session has ended.
    ended: bool,
    /// Why not.
    user_errors: Vec<UserError>,
}

#[Object]
impl SessionQuery {
    /// The live sessions of the caller's party, newest first, at most 64. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn sessions(&self, context: &Context<'_>) -> ApiResult<Vec<Session>> {
        let sessions = context.platform()?.sessions().list(context.principal()?).await;
        let session = |known: hive_platform::SessionSummary| Session {
            id: ID(known.session.to_string()),
            key: Hex(known.key.as_bytes().to_vec()),
            opened_at: DateTime(known.opened_at_ms),
            expires_at: DateTime(known.expires_at_ms),
            current: known.current,
        };
        Ok(sessions.map_err(ApiError::internal)?.into_iter().map(session).collect())
    }
}

#[Object]
impl SessionMutation {
    /// Ends a session of the caller's party at once, the calling one if none is named. Needs a sign-in.
    #[graphql(guard = SignedIn)]
    async fn end_session(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The session; the calling one if left out.")] id: Option<ID>,
    ) -> ApiResult<EndSessionPayload> {
        let principal = context.principal()?;
        let named = id.map_or(Ok(principal.session()), |id| id.parse());
        let ended = match named {
            Ok(session) => context.platform()?.sessions().revoke(principal, session).await,
            Err(_) => Err(SessionError::Unknown),
        };
        match ended {
            Ok(()) => Ok(EndSessionPayload { ended: true, user_errors: Vec::new() }),
            Err(error @ SessionError::Unknown) => {
                Ok(EndSessionPayload { ended: false, user_errors: vec![context.localised(UserError::of(error))] })
            }
            Err(error) => Err(ApiError::internal(error)),
        }
    }
}
