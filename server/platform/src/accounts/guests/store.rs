//! All SQL about guests.

use super::GuestId;
use crate::{
    accounts::UserName,
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
};

pub async fn delete_expired_guests(tx: &mut Tx, now: Timestamp) -> Result<u64, DbError> {
    sql!(tx => execute, "DELETE FROM guests WHERE expires_at <= $1", now)
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
