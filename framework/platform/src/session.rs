//! Who is signed in: challenge, signature by the party's ledger key, short access tokens, refresh tokens that rotate.
//!
//! Every request asks whether its session is live and its key still stands in the party's authority, so revoking a session
//! or changing a party's keys on the ledger takes effect at once.

pub mod challenge;
mod live;
pub mod principal;
pub mod throttle;
pub mod token;

use std::sync::{Arc, Mutex, PoisonError};

use hive_chain::{Clock, Database};
use ledger_core::{Address, PublicKey, Signature};
use thiserror::Error;

use crate::id::SessionId;
use crate::register::PartyRegister;
use crate::secret::{RandomnessMissing, Secret};
use crate::storage::StorageError;
use crate::storage::session::{self as rows, Rotation, StoredSession};
use challenge::{Challenges, sign_in_bytes};
use live::LiveSessions;
use principal::Principal;
use throttle::{Allowance, Source, Throttle};
use token::{AccessToken, AccessTokenError, TokenKeyring};

/// A session lasts at most this long however often it is refreshed, milliseconds.
pub const SESSION_MS: u64 = 30 * 86_400_000;
/// Live sessions of one party; the oldest gives way.
pub const SESSIONS_PER_PARTY_MAX: usize = 64;
/// Challenges, refused sign-ins and refused refreshes of one source, unless the node is told otherwise.
pub const SIGN_IN_ALLOWANCE: Allowance = Allowance { burst: 60, refill_ms: 500 };
const SOURCES_MAX: usize = 20_000;

/// Why a sign-in, a refresh or a request is refused.
#[derive(Debug, Error)]
pub enum SessionError {
    /// The source tries too often.
    #[error("too many attempts; wait {retry_after_ms} ms")]
    Throttled {
        /// Wait at least this long, milliseconds.
        retry_after_ms: u64,
    },
    /// All challenges of the node are in use.
    #[error("the node has no free sign-in challenge; try again in a moment")]
    ChallengesFull,
    /// The one answer to every failed sign-in, so that it tells nothing about who is registered.
    #[error(
        "the sign-in is refused: the challenge is unknown, used or over, or the signature is not by a key of the party"
    )]
    SignInRefused,
    /// The refresh token is unknown, or its session has ended.
    #[error("the refresh token is not accepted; sign in again")]
    RefreshRefused,
    /// The refresh token was used before; someone holds a copy.
    #[error("the refresh token was used before, so its session is revoked; sign in again")]
    RefreshReused,
    /// The access token is not accepted.
    #[error(transparent)]
    AccessToken(#[from] AccessTokenError),
    /// The session is revoked or over.
    #[error("the session has ended; sign in again")]
    Ended,
    /// The key that signed in stands in the party's authority no more.
    #[error("the key of this session stands in the party's authority no more; sign in with a current key")]
    KeyWithdrawn,
    /// The session belongs to another party, or there is none.
    #[error("there is no such session")]
    Unknown,
    /// The platform's tables failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// No random bytes.
    #[error(transparent)]
    Randomness(#[from] RandomnessMissing),
}

ledger_core::codes!(SessionError {
    Throttled => "RATE_LIMITED",
    ChallengesFull => "SIGN_IN_BUSY",
    SignInRefused => "SIGN_IN_REFUSED",
    RefreshRefused => "REFRESH_TOKEN_REFUSED",
    RefreshReused => "REFRESH_TOKEN_REUSED",
    Ended => "SESSION_ENDED",
    KeyWithdrawn => "SESSION_KEY_WITHDRAWN",
    Unknown => "SESSION_UNKNOWN",
    Randomness => "RANDOMNESS_MISSING",
} inner { AccessToken, Storage });

/// A challenge for a party, and the bytes its key signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// 32 random bytes; no secret, but good once and for this party only.
    pub challenge: [u8; 32],
    /// The node's id, part of the signed bytes.
    pub audience: String,
    /// What to sign, see [`challenge::sign_in_bytes`].
    pub bytes_to_sign: Vec<u8>,
    /// Milliseconds UTC.
    pub expires_at_ms: u64,
}

/// An answer to a challenge.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The party.
    pub party: Address,
    /// The key, which stands in the party's current authority.
    pub key: PublicKey,
    /// The challenge answered.
    pub challenge: [u8; 32],
    /// The key's signature over the challenge's bytes.
    pub signature: Signature,
}

/// The tokens of a session. Debug shows neither.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The session.
    pub session: SessionId,
    /// For the `Authorization: Bearer` header.
    pub access_token: AccessToken,
    /// When the access token expires, milliseconds UTC.
    pub access_expires_at_ms: u64,
    /// For one refresh; [`Secret::reveal`] gives its text.
    pub refresh_token: Secret,
    /// When the session ends whatever is done, milliseconds UTC.
    pub session_expires_at_ms: u64,
}

/// One session in the list of a party's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSummary {
    /// Its id.
    pub session: SessionId,
    /// The key that signed in.
    pub key: PublicKey,
    /// Milliseconds UTC.
    pub opened_at_ms: u64,
    /// Milliseconds UTC.
    pub expires_at_ms: u64,
    /// True for the session that asks.
    pub current: bool,
}

/// The sessions of this node. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    shared: Arc<Shared>,
}

struct Shared {
    database: Database,
    register: Arc<dyn PartyRegister>,
    clock: Arc<dyn Clock>,
    tokens: TokenKeyring,
    live: LiveSessions,
    challenges: Mutex<Challenges>,
    throttle: Mutex<Throttle>,
}

impl Sessions {
    pub(crate) fn new(
        database: Database,
        register: Arc<dyn PartyRegister>,
        clock: Arc<dyn Clock>,
        tokens: TokenKeyring,
        allowance: Allowance,
    ) -> Self {
        let shared = Shared {
            database,
            register,
            clock,
            tokens,
            live: LiveSessions::default(),
            challenges: Mutex::default(),
            throttle: Mutex::new(Throttle::new(allowance, SOURCES_MAX)),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The node's token keys, for the published key set.
    pub fn tokens(&self) -> &TokenKeyring {
        &self.shared.tokens
    }

    /// A fresh challenge. For a party that this node does not know the answer looks the same and is good for nothing.
    pub async fn challenge(&self, party: &Address, source: Source) -> Result<Challenge, SessionError> {
        let now_ms = self.shared.clock.now_ms();
        self.shared.attempt(source, now_ms)?;
        let secret = Secret::random()?;
        let challenge = *secret.expose();
        let mut expires_at_ms = now_ms.saturating_add(challenge::CHALLENGE_MS);
        if !self.shared.register.standings(party, now_ms).await?.is_empty() {
            let opened = locked(&self.shared.challenges).open(*party, secret, now_ms);
            expires_at_ms = opened.map_err(|_| SessionError::ChallengesFull)?;
        }
        let audience = self.shared.tokens.audience().to_owned();
        let bytes_to_sign = sign_in_bytes(&audience, party, &challenge);
        Ok(Challenge { challenge, audience, bytes_to_sign, expires_at_ms })
    }

    /// Opens a session for a key that stands in the party's current authority on a chain of this node.
    pub async fn sign_in(&self, answer: &SignIn, source: Source) -> Result<Grant, SessionError> {
        let now_ms = self.shared.clock.now_ms();
        self.shared.attempt(source, now_ms)?;
        self.shared.answer_holds(answer, now_ms).await?;
        // Its challenge used up a try as well.
        locked(&self.shared.throttle).forgive(source, 2);

        let stored = StoredSession {
            id: SessionId::random()?,
            party: answer.party,
            key: answer.key,
            opened_at_ms: now_ms,
            expires_at_ms: now_ms.saturating_add(SESSION_MS),
            revoked_at_ms: None,
        };
        let refresh_token = Secret::random()?;
        rows::open(&self.shared.database, &stored, refresh_token.fingerprint()).await?;
        self.bound_sessions_of(&answer.party, now_ms).await?;
        self.shared.grant(&stored, refresh_token, now_ms)
    }

    /// Trades a refresh token for new tokens; the old one is never good again.
    pub async fn refresh(&self, refresh_token: &str, source: Source) -> Result<Grant, SessionError> {
        let now_ms = self.shared.clock.now_ms();
        self.shared.attempt(source, now_ms)?;
        let presented = Secret::parse(refresh_token).ok_or(SessionError::RefreshRefused)?;
        let next = Secret::random()?;
        let rotation = rows::rotate(&self.shared.database, presented.fingerprint(), next.fingerprint(), now_ms).await?;
        match rotation {
            Rotation::Unknown | Rotation::Ended => Err(SessionError::RefreshRefused),
            Rotation::Reused(session) => {
                self.shared.live.forget(session);
                tracing::warn!(%session, "a refresh token was used twice; its session is revoked");
                Err(SessionError::RefreshReused)
            }
            Rotation::Rotated(stored) => {
                self.shared.standing_of(&stored, now_ms).await?;
                locked(&self.shared.throttle).forgive(source, 1);
                self.shared.grant(&stored, next, now_ms)
            }
        }
    }

    /// Who sends this access token, if its session is live and its key still current.
    pub async fn authenticate(&self, access_token: &str) -> Result<Principal, SessionError> {
        let now_ms = self.shared.clock.now_ms();
        let claims = self.shared.tokens.check(access_token, now_ms)?;
        let id: SessionId = claims.sid.parse().map_err(|_| SessionError::Ended)?;
        let stored = self.live_session(id, now_ms).await?;
        if stored.party.to_string() != claims.sub {
            return Err(SessionError::Ended);
        }
        self.shared.standing_of(&stored, now_ms).await
    }

    /// The same principal as of now, for connections that stay open; refused once the session has ended.
    pub async fn still_live(&self, principal: &Principal) -> Result<Principal, SessionError> {
        let now_ms = self.shared.clock.now_ms();
        let stored = self.live_session(principal.session(), now_ms).await?;
        self.shared.standing_of(&stored, now_ms).await
    }

    /// Ends one of the party's own sessions at once.
    pub async fn revoke(&self, principal: &Principal, session: SessionId) -> Result<(), SessionError> {
        let now_ms = self.shared.clock.now_ms();
        let stored = self.live_session(session, now_ms).await.map_err(|error| match error {
            SessionError::Ended => SessionError::Unknown,
            other => other,
        })?;
        if stored.party != principal.party() {
            return Err(SessionError::Unknown);
        }
        self.end(session, "signed out", now_ms).await
    }

    /// Ends the session of a refresh token, used or not; whoever holds it may do so. An unknown token changes nothing.
    pub async fn revoke_by_refresh_token(&self, refresh_token: &str, source: Source) -> Result<(), SessionError> {
        let now_ms = self.shared.clock.now_ms();
        self.shared.attempt(source, now_ms)?;
        let Some(presented) = Secret::parse(refresh_token) else { return Ok(()) };
        match rows::of_token(&self.shared.database, presented.fingerprint()).await? {
            Some(session) => self.end(session, "signed out", now_ms).await,
            None => Ok(()),
        }
    }

    /// The party's own live sessions, newest first.
    pub async fn list(&self, principal: &Principal) -> Result<Vec<SessionSummary>, SessionError> {
        let now_ms = self.shared.clock.now_ms();
        let limit = u64::try_from(SESSIONS_PER_PARTY_MAX).unwrap_or(u64::MAX);
        let stored = rows::live_of(&self.shared.database, &principal.party(), now_ms, limit).await?;
        let summary = |stored: StoredSession| SessionSummary {
            session: stored.id,
            key: stored.key,
            opened_at_ms: stored.opened_at_ms,
            expires_at_ms: stored.expires_at_ms,
            current: stored.id == principal.session(),
        };
        Ok(stored.into_iter().map(summary).collect())
    }

    /// Removes the rows of sessions that are over.
    pub(crate) async fn forget_over(&self) -> Result<u64, SessionError> {
        Ok(rows::forget_over(&self.shared.database, self.shared.clock.now_ms()).await?)
    }

    async fn live_session(&self, id: SessionId, now_ms: u64) -> Result<StoredSession, SessionError> {
        let stored = match self.shared.live.get(id) {
            Some(stored) => stored,
            None => {
                let seen = self.shared.live.revocations();
                let stored = rows::find(&self.shared.database, id).await?.ok_or(SessionError::Ended)?;
                if stored.revoked_at_ms.is_some() {
                    return Err(SessionError::Ended);
                }
                self.shared.live.remember(stored.clone(), seen);
                stored
            }
        };
        if now_ms < stored.expires_at_ms { Ok(stored) } else { Err(SessionError::Ended) }
    }

    async fn end(&self, session: SessionId, because: &str, now_ms: u64) -> Result<(), SessionError> {
        rows::revoke(&self.shared.database, session, because, now_ms).await?;
        self.shared.live.forget(session);
        Ok(())
    }

    async fn bound_sessions_of(&self, party: &Address, now_ms: u64) -> Result<(), SessionError> {
        let limit = u64::try_from(SESSIONS_PER_PARTY_MAX.saturating_mul(2)).unwrap_or(u64::MAX);
        let live = rows::live_of(&self.shared.database, party, now_ms, limit).await?;
        for stored in live.into_iter().skip(SESSIONS_PER_PARTY_MAX) {
            self.end(stored.id, "too many sessions", now_ms).await?;
        }
        Ok(())
    }
}

impl Shared {
    fn attempt(&self, source: Source, now_ms: u64) -> Result<(), SessionError> {
        let attempt = locked(&self.throttle).attempt(source, now_ms);
        attempt.map_err(|throttled| SessionError::Throttled { retry_after_ms: throttled.retry_after_ms })
    }

    /// All three checks are made whatever the first says, so that the time taken tells nothing either.
    async fn answer_holds(&self, answer: &SignIn, now_ms: u64) -> Result<(), SessionError> {
        let challenge_is_open = locked(&self.challenges).use_up(&answer.party, &answer.challenge, now_ms);
        let bytes = sign_in_bytes(self.tokens.audience(), &answer.party, &answer.challenge);
        let signature_fits = answer.key.verifies(&bytes, &answer.signature);
        let standings = self.register.standings(&answer.party, now_ms).await?;
        let key_stands = standings.iter().any(|standing| standing.keys.contains(&answer.key));
        if challenge_is_open && signature_fits && key_stands {
            return Ok(());
        }
        tracing::info!(party = %answer.party, challenge_is_open, signature_fits, key_stands, "sign-in refused");
        Err(SessionError::SignInRefused)
    }

    async fn standing_of(&self, stored: &StoredSession, now_ms: u64) -> Result<Principal, SessionError> {
        let standings = self.register.standings(&stored.party, now_ms).await?;
        let held = standings.into_iter().filter(|standing| standing.keys.contains(&stored.key));
        let chains: std::collections::BTreeMap<_, _> =
            held.map(|standing| (standing.chain, standing.permissions)).collect();
        if chains.is_empty() {
            return Err(SessionError::KeyWithdrawn);
        }
        Ok(Principal::new(stored.party, stored.key, stored.id, chains))
    }

    fn grant(&self, stored: &StoredSession, refresh_token: Secret, now_ms: u64) -> Result<Grant, SessionError> {
        let (access_token, claims) = self.tokens.issue(&stored.party.to_string(), &stored.id.to_string(), now_ms)?;
        Ok(Grant {
            session: stored.id,
            access_token,
            access_expires_at_ms: claims.exp.saturating_mul(1_000).min(stored.expires_at_ms),
            refresh_token,
            session_expires_at_ms: stored.expires_at_ms,
        })
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
