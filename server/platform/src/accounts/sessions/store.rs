//! All SQL about sessions.

use super::model::{Session, SessionId, SessionKind};
use crate::{
    accounts::{User, UserId},
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
};

/// A session about to start.
pub struct NewSession<'a> {
    pub id: SessionId,
    pub user_id: UserId,
    pub token_hash: String,
    pub kind: SessionKind,
    pub label: Option<&'a str>,
    pub user_agent: Option<&'a str>,
    pub ip: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

pub async fn insert_session(tx: &mut Tx, session: &NewSession<'_>) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO sessions
             (id, user_id, token_hash, kind, label, user_agent, ip, created_at, last_seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)",
        session.id, session.user_id, &session.token_hash, session.kind, session.label,
        session.user_agent, &session.ip, session.created_at, session.expires_at)?;
    Ok(())
}

/// How the session's token travels; `None` when the session has ended.
pub async fn replace_token(
    tx: &mut Tx,
    session: SessionId,
    token_hash: &str,
) -> Result<Option<SessionKind>, DbError> {
    tx.changes_access();
    sql!(tx => optional_scalar SessionKind,
        "UPDATE sessions SET token_hash = $2 WHERE id = $1 RETURNING kind", session, token_hash)
}

/// Keeps the `keep` sessions of `user` that were used last; those that ended.
pub async fn delete_oldest_sessions(
    tx: &mut Tx,
    user: UserId,
    keep: i64,
) -> Result<Vec<SessionId>, DbError> {
    let ended = sql!(&mut *tx => all (SessionId,),
        "DELETE FROM sessions WHERE id IN
             (SELECT id FROM sessions WHERE user_id = $1
              ORDER BY last_seen_at DESC, id DESC LIMIT 100 OFFSET $2)
         RETURNING id",
        user, keep)?;
    if !ended.is_empty() {
        tx.changes_access();
    }
    Ok(ended.into_iter().map(|(id,)| id).collect())
}

/// Unexpired sessions, newest first, below the key `before`.
pub async fn sessions(
    db: impl Into<Executor<'_>>,
    user: UserId,
    now: Timestamp,
    before: &str,
    limit: i64,
) -> Result<Vec<Session>, DbError> {
    sql!(db => all Session,
        "SELECT id, kind, label, user_agent, ip, created_at, last_seen_at FROM sessions
         WHERE user_id = $1 AND expires_at > $2 AND id < $3 ORDER BY id DESC LIMIT $4",
        user, now, before, limit)
}

/// Whether there was such a session of `user`.
pub async fn delete_session(tx: &mut Tx, user: UserId, id: SessionId) -> Result<bool, DbError> {
    tx.changes_access();
    let ended = sql!(tx => execute,
        "DELETE FROM sessions WHERE id = $1 AND user_id = $2", id, user)?;
    Ok(ended > 0)
}

pub async fn delete_other_sessions(
    tx: &mut Tx,
    user: UserId,
    keep: SessionId,
) -> Result<(), DbError> {
    tx.changes_access();
    sql!(tx => execute, "DELETE FROM sessions WHERE user_id = $1 AND id <> $2", user, keep)?;
    Ok(())
}

pub async fn delete_sessions(tx: &mut Tx, user: UserId) -> Result<(), DbError> {
    tx.changes_access();
    sql!(tx => execute, "DELETE FROM sessions WHERE user_id = $1", user)?;
    Ok(())
}

pub async fn delete_expired_sessions(tx: &mut Tx, now: Timestamp) -> Result<u64, DbError> {
    sql!(tx => execute, "DELETE FROM sessions WHERE expires_at <= $1", now)
}

/// A live session with the account it belongs to.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SessionUser {
    pub session_id: SessionId,
    pub session_last_seen_at: Timestamp,
    pub session_expires_at: Timestamp,
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
                sessions.expires_at AS session_expires_at,
                users.id, users.email, users.name, users.role, users.disabled, users.created_at,
                users.last_seen_at, users.updated_at
         FROM sessions JOIN users ON users.id = sessions.user_id
         WHERE sessions.token_hash = $1 AND sessions.expires_at > $2 AND users.disabled = FALSE",
        token_hash, now)
}

/// The account of an unexpired session, unless it is disabled.
pub async fn user_of_session(
    db: impl Into<Executor<'_>>,
    session: SessionId,
    now: Timestamp,
) -> Result<Option<User>, DbError> {
    sql!(db => optional User,
        "SELECT users.id, users.email, users.name, users.role, users.disabled, users.created_at,
                users.last_seen_at, users.updated_at
         FROM sessions JOIN users ON users.id = sessions.user_id
         WHERE sessions.id = $1 AND sessions.expires_at > $2 AND users.disabled = FALSE",
        session, now)
}

/// What an account and one of its devices are good for; a token outlives both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Validity {
    /// It exists and may sign in.
    pub enabled: bool,
    /// A session of it is on that device.
    pub signed_in: bool,
}

/// `device` is the end of a session's id.
pub async fn validity(
    db: impl Into<Executor<'_>>,
    user: &str,
    device: &str,
) -> Result<Validity, DbError> {
    sql!(db => one Validity,
        "SELECT EXISTS (SELECT 1 FROM users WHERE id = $1 AND disabled = FALSE) AS enabled,
                EXISTS (SELECT 1 FROM sessions WHERE user_id = $1 AND id LIKE $2) AS signed_in",
        user, format!("%{device}"))
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
