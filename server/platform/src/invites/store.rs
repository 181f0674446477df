//! All SQL about invites.

use super::model::{Invite, InviteId};
use crate::{
    accounts::{Email, Role, UserId},
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
};

pub async fn insert(
    tx: &mut Tx,
    invite: &Invite,
    code_hash: &str,
    created_by: UserId,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO invites (id, code_hash, note, email, created_by, created_at, expires_at, role)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        invite.id, code_hash, invite.note.as_deref(), invite.email.as_ref().map(Email::key),
        created_by, invite.created_at, invite.expires_at, invite.role)?;
    Ok(())
}

/// Newest first, below the key `before`.
pub async fn list(
    db: impl Into<Executor<'_>>,
    before: &str,
    limit: i64,
) -> Result<Vec<Invite>, DbError> {
    sql!(db => all Invite,
        "SELECT id, note, email, role, created_at, expires_at, used_at FROM invites
         WHERE id < $1 ORDER BY id DESC LIMIT $2",
        before, limit)
}

/// Whether an invite for this address can be used now.
pub async fn is_invited(
    db: impl Into<Executor<'_>>,
    email: &Email,
    now: Timestamp,
) -> Result<bool, DbError> {
    sql!(db => scalar bool,
        "SELECT EXISTS (SELECT 1 FROM invites
                        WHERE email = $1 AND used_at IS NULL AND expires_at > $2)",
        email.key(), now)
}

/// An invite that was used up, and what it makes of whoever used it.
#[derive(Debug, sqlx::FromRow)]
pub struct Redeemed {
    pub id: InviteId,
    pub role: Role,
    /// `None`: their account is gone.
    pub created_by: Option<UserId>,
}

/// Uses an invite up, if `email` may use it now; of two at once, one gets it.
pub async fn use_up(
    tx: &mut Tx,
    code_hash: &str,
    email: &Email,
    now: Timestamp,
) -> Result<Option<Redeemed>, DbError> {
    sql!(tx => optional Redeemed,
        "UPDATE invites SET used_at = $3
         WHERE code_hash = $1 AND (email IS NULL OR email = $2) AND used_at IS NULL AND expires_at > $3
         RETURNING id, role, created_by",
        code_hash, email.key(), now)
}

/// Whether somebody may use the invite now.
pub async fn is_open(
    db: impl Into<Executor<'_>>,
    code_hash: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    sql!(db => scalar bool,
        "SELECT EXISTS (SELECT 1 FROM invites
                        WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2)",
        code_hash, now)
}

/// Notes who registered with an invite.
pub async fn note_user(tx: &mut Tx, id: InviteId, user: UserId) -> Result<(), DbError> {
    sql!(tx => execute, "UPDATE invites SET used_by = $2 WHERE id = $1", id, user)?;
    Ok(())
}

/// What an invite was called.
#[derive(sqlx::FromRow)]
pub struct Called {
    pub note: Option<String>,
    pub email: Option<String>,
    pub role: Role,
}

/// What the invite was called, if there was one.
pub async fn delete(tx: &mut Tx, id: InviteId) -> Result<Option<Called>, DbError> {
    sql!(tx => optional Called, "DELETE FROM invites WHERE id = $1 RETURNING note, email, role", id)
}
