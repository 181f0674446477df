//! All SQL about passwords, sessions, guests and the setup link.

use super::model::{GuestId, SessionId};
use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
    users::{User, UserName},
};

/// A live session with the account it belongs to.
#[derive(sqlx::FromRow)]
pub struct SessionUser {
    pub session_id: SessionId,
    pub session_last_seen_at: Timestamp,
    #[sqlx(flatten)]
    pub user: User,
}

/// The unexpired session of an account that is not disabled.
pub async fn session_by_token(
    db: impl Into<Executor<'_>>,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<SessionUser>, DbError> {
    sql!(db => optional SessionUser,
        "SELECT sessions.id AS session_id, sessions.last_seen_at AS session_last_seen_at,
                users.id, users.email, users.name, users.role, users.disabled, users.created_at,
                users.last_seen_at
         FROM sessions JOIN users ON users.id = sessions.user_id
         WHERE sessions.token_hash = $1 AND sessions.expires_at > $2 AND users.disabled = FALSE",
        token_hash, now)
}

/// Notes that a session is in use, and that it lasts until `expires_at` now.
pub async fn touch_session(
    tx: &mut Tx,
    id: SessionId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE id = $1",
        id, now, expires_at)?;
    Ok(())
}

/// A guest's row.
#[derive(sqlx::FromRow)]
pub struct GuestRow {
    pub id: GuestId,
    pub name: UserName,
}

pub async fn guest_by_token(
    db: impl Into<Executor<'_>>,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<GuestRow>, DbError> {
    sql!(db => optional GuestRow,
        "SELECT id, name FROM guests WHERE token_hash = $1 AND expires_at > $2",
        token_hash, now)
}

pub async fn insert_guest(
    tx: &mut Tx,
    id: GuestId,
    token_hash: &str,
    name: &UserName,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO guests (id, token_hash, name, created_at, last_seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $4, $5)",
        id, token_hash, name, now, expires_at)?;
    Ok(())
}

/// Notes that a guest is in use under `name`, and that the identity lasts until `expires_at` now.
pub async fn touch_guest(
    tx: &mut Tx,
    id: GuestId,
    name: &UserName,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE guests SET name = $2, last_seen_at = $3, expires_at = $4 WHERE id = $1",
        id, name, now, expires_at)?;
    Ok(())
}
