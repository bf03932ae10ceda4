//! Sessions and the fingerprints of their refresh tokens.

use hive_chain::Database;
use ledger_core::{Address, PublicKey};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::StorageError;
use super::convert::{fixed, signed, unsigned};
use super::entity::{refresh_token, session};
use crate::id::SessionId;

/// A session as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredSession {
    pub(crate) id: SessionId,
    pub(crate) party: Address,
    pub(crate) key: PublicKey,
    pub(crate) opened_at_ms: u64,
    pub(crate) expires_at_ms: u64,
    pub(crate) revoked_at_ms: Option<u64>,
}

/// What became of a presented refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// The token was good; the next one takes its place.
    Rotated(StoredSession),
    /// No such token was ever given out.
    Unknown,
    /// The session is revoked or over.
    Ended,
    /// The token had been used before; its session is revoked now.
    Reused(SessionId),
}

/// Keeps a new session with its first refresh token.
pub(crate) async fn open(
    database: &Database,
    stored: &StoredSession,
    fingerprint: [u8; 32],
) -> Result<(), StorageError> {
    let row = session::ActiveModel {
        id: Set(stored.id.as_bytes().to_vec()),
        party: Set(stored.party.to_vec()),
        signing_key: Set(stored.key.as_bytes().to_vec()),
        opened_at_ms: Set(signed("platform_session.opened_at_ms", stored.opened_at_ms)?),
        expires_at_ms: Set(signed("platform_session.expires_at_ms", stored.expires_at_ms)?),
        revoked_at_ms: Set(None),
        revoked_because: Set(None),
    };
    let token = token_row(fingerprint, stored.id, stored.opened_at_ms)?;
    let write = database.begin_write().await?;
    session::Entity::insert(row).exec_without_returning(write.orm()).await?;
    refresh_token::Entity::insert(token).exec_without_returning(write.orm()).await?;
    Ok(write.commit().await?)
}

/// One session, live or not.
pub(crate) async fn find(database: &Database, id: SessionId) -> Result<Option<StoredSession>, StorageError> {
    let row = session::Entity::find_by_id(id.as_bytes().to_vec()).one(database.read()).await?;
    row.map(stored).transpose()
}

/// The session that a refresh token was given out for.
pub(crate) async fn of_token(database: &Database, fingerprint: [u8; 32]) -> Result<Option<SessionId>, StorageError> {
    let row = refresh_token::Entity::find_by_id(fingerprint.to_vec()).one(database.read()).await?;
    row.map(|row| session_id(&row.session)).transpose()
}

/// A party's sessions that are neither revoked nor over, newest first.
pub(crate) async fn live_of(
    database: &Database,
    party: &Address,
    now_ms: u64,
    limit: u64,
) -> Result<Vec<StoredSession>, StorageError> {
    let rows = session::Entity::find()
        .filter(session::Column::Party.eq(party.to_vec()))
        .filter(session::Column::RevokedAtMs.is_null())
        .filter(session::Column::ExpiresAtMs.gt(signed("platform_session.expires_at_ms", now_ms)?))
        .order_by_desc(session::Column::OpenedAtMs)
        .limit(limit)
        .all(database.read())
        .await?;
    rows.into_iter().map(stored).collect()
}

/// Uses a refresh token up and keeps the next one, in one transaction; a token used before revokes its session.
pub(crate) async fn rotate(
    database: &Database,
    presented: [u8; 32],
    next: [u8; 32],
    now_ms: u64,
) -> Result<Rotation, StorageError> {
    let now = signed("platform_refresh_token.used_at_ms", now_ms)?;
    let write = database.begin_write().await?;
    let Some(token) = refresh_token::Entity::find_by_id(presented.to_vec()).one(write.orm()).await? else {
        return Ok(Rotation::Unknown);
    };
    let id = session_id(&token.session)?;
    let Some(row) = session::Entity::find_by_id(token.session.clone()).one(write.orm()).await? else {
        return Ok(Rotation::Unknown);
    };
    let found = stored(row)?;
    if found.revoked_at_ms.is_some() || now_ms >= found.expires_at_ms {
        return Ok(Rotation::Ended);
    }
    if token.used_at_ms.is_some() {
        mark_revoked(write.orm(), id, "refresh token used twice", now).await?;
        write.commit().await?;
        return Ok(Rotation::Reused(id));
    }

    refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAtMs, Expr::value(now))
        .filter(refresh_token::Column::Fingerprint.eq(presented.to_vec()))
        .exec(write.orm())
        .await?;
    refresh_token::Entity::insert(token_row(next, id, now_ms)?).exec_without_returning(write.orm()).await?;
    write.commit().await?;
    Ok(Rotation::Rotated(found))
}

/// Revokes a session; false when it was not live.
pub(crate) async fn revoke(
    database: &Database,
    id: SessionId,
    because: &str,
    now_ms: u64,
) -> Result<bool, StorageError> {
    let now = signed("platform_session.revoked_at_ms", now_ms)?;
    let write = database.begin_write().await?;
    let revoked = mark_revoked(write.orm(), id, because, now).await?;
    write.commit().await?;
    Ok(revoked)
}

/// Forgets sessions that are over, with their tokens; returns how many.
pub(crate) async fn forget_over(database: &Database, now_ms: u64) -> Result<u64, StorageError> {
    let now = signed("platform_session.expires_at_ms", now_ms)?;
    let over = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::ExpiresAtMs.lte(now))
        .limit(500)
        .into_tuple::<Vec<u8>>()
        .all(database.read())
        .await?;
    if over.is_empty() {
        return Ok(0);
    }
    let write = database.begin_write().await?;
    refresh_token::Entity::delete_many()
        .filter(refresh_token::Column::Session.is_in(over.clone()))
        .exec(write.orm())
        .await?;
    let done = session::Entity::delete_many().filter(session::Column::Id.is_in(over)).exec(write.orm()).await?;
    write.commit().await?;
    Ok(done.rows_affected)
}

async fn mark_revoked(
    connection: &impl sea_orm::ConnectionTrait,
    id: SessionId,
    because: &str,
    now: i64,
) -> Result<bool, StorageError> {
    let done = session::Entity::update_many()
        .col_expr(session::Column::RevokedAtMs, Expr::value(now))
        .col_expr(session::Column::RevokedBecause, Expr::value(because))
        .filter(session::Column::Id.eq(id.as_bytes().to_vec()))
        .filter(session::Column::RevokedAtMs.is_null())
        .exec(connection)
        .await?;
    Ok(done.rows_affected > 0)
}

fn token_row(
    fingerprint: [u8; 32],
    session: SessionId,
    issued_at_ms: u64,
) -> Result<refresh_token::ActiveModel, StorageError> {
    Ok(refresh_token::ActiveModel {
        fingerprint: Set(fingerprint.to_vec()),
        session: Set(session.as_bytes().to_vec()),
        issued_at_ms: Set(signed("platform_refresh_token.issued_at_ms", issued_at_ms)?),
        used_at_ms: Set(None),
    })
}

fn session_id(bytes: &[u8]) -> Result<SessionId, StorageError> {
    fixed("platform_session.id", bytes).map(SessionId::from_bytes)
}

fn stored(row: session::Model) -> Result<StoredSession, StorageError> {
    let key_column = "platform_session.signing_key";
    Ok(StoredSession {
        id: session_id(&row.id)?,
        party: Address::from_bytes(fixed("platform_session.party", &row.party)?),
        key: PublicKey::from_bytes(&row.signing_key).map_err(|_| StorageError::Malformed { column: key_column })?,
        opened_at_ms: unsigned("platform_session.opened_at_ms", row.opened_at_ms)?,
        expires_at_ms: unsigned("platform_session.expires_at_ms", row.expires_at_ms)?,
        revoked_at_ms: row.revoked_at_ms.map(|time| unsigned("platform_session.revoked_at_ms", time)).transpose()?,
    })
}
