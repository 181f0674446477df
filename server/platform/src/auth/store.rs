//! All SQL about passwords, sessions, guests and the setup link.

use super::model::{GuestId, Session, SessionId, SessionKind};
use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
    users::{Email, User, UserId, UserName},
};

/// An account's password hash.
#[derive(sqlx::FromRow)]
pub struct KnownPassword {
    pub user_id: UserId,
    pub hash: String,
}

pub async fn password_by_email(
    db: impl Into<Executor<'_>>,
    email: &Email,
) -> Result<Option<KnownPassword>, DbError> {
    sql!(db => optional KnownPassword,
        "SELECT passwords.user_id, passwords.hash
         FROM users JOIN passwords ON passwords.user_id = users.id WHERE users.email_key = $1",
        email.key())
}

pub async fn password(
    db: impl Into<Executor<'_>>,
    user: UserId,
) -> Result<Option<String>, DbError> {
    sql!(db => optional_scalar String, "SELECT hash FROM passwords WHERE user_id = $1", user)
}

pub async fn insert_password(
    tx: &mut Tx,
    user: UserId,
    hash: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO passwords (user_id, hash, updated_at) VALUES ($1, $2, $3)", user, hash, now)?;
    Ok(())
}

/// Whether the password still has this hash; it cannot be changed until `tx` ends.
pub async fn hold_password(tx: &mut Tx, user: UserId, hash: &str) -> Result<bool, DbError> {
    let held = sql!(tx => execute,
        "UPDATE passwords SET hash = hash WHERE user_id = $1 AND hash = $2", user, hash)?;
    Ok(held == 1)
}

/// Replaces the password that has the hash `old`; of two changes at once, one is made.
pub async fn replace_password(
    tx: &mut Tx,
    user: UserId,
    old: &str,
    new: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let replaced = sql!(tx => execute,
        "UPDATE passwords SET hash = $3, updated_at = $4 WHERE user_id = $1 AND hash = $2",
        user, old, new, now)?;
    Ok(replaced == 1)
}

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

pub async fn delete_expired_guests(tx: &mut Tx, now: Timestamp) -> Result<u64, DbError> {
    sql!(tx => execute, "DELETE FROM guests WHERE expires_at <= $1", now)
}

/// Whether this is the setup link's token.
pub async fn has_setup_link(
    db: impl Into<Executor<'_>>,
    token_hash: &str,
) -> Result<bool, DbError> {
    Ok(sql!(db => scalar i64,
        "SELECT COUNT(*) FROM setup_links WHERE token_hash = $1", token_hash)?
        > 0)
}

/// Uses the setup link up; whether this was its token.
pub async fn use_setup_link(tx: &mut Tx, token_hash: &str) -> Result<bool, DbError> {
    let used = sql!(tx => execute, "DELETE FROM setup_links WHERE token_hash = $1", token_hash)?;
    Ok(used > 0)
}

/// Whether there was one before.
pub async fn replace_setup_link(
    tx: &mut Tx,
    token_hash: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let before = sql!(&mut *tx => scalar i64, "SELECT COUNT(*) FROM setup_links")?;
    sql!(tx => execute,
        "INSERT INTO setup_links (id, token_hash, created_at) VALUES (1, $1, $2)
         ON CONFLICT (id) DO UPDATE SET token_hash = $1, created_at = $2",
        token_hash, now)?;
    Ok(before > 0)
}

pub async fn delete_setup_link(tx: &mut Tx) -> Result<(), DbError> {
    sql!(tx => execute, "DELETE FROM setup_links")?;
    Ok(())
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
pub struct Account {
    /// It exists and may sign in.
    pub enabled: bool,
    /// A session of it is on that device.
    pub signed_in: bool,
}

/// `device` is the end of a session's id.
pub async fn account(
    db: impl Into<Executor<'_>>,
    user: &str,
    device: &str,
) -> Result<Account, DbError> {
    sql!(db => one Account,
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
