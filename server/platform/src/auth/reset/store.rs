//! All SQL about reset links.

use crate::{
    accounts::UserId,
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
};

pub async fn replace(
    tx: &mut Tx,
    user: UserId,
    token_hash: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO reset_links (user_id, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE SET token_hash = $2, created_at = $3, expires_at = $4",
        user, token_hash, now, expires_at)?;
    Ok(())
}

/// Whose link this is, unless it is used or expired.
pub async fn find(
    db: impl Into<Executor<'_>>,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<UserId>, DbError> {
    sql!(db => optional_scalar UserId,
        "SELECT user_id FROM reset_links WHERE token_hash = $1 AND expires_at > $2",
        token_hash, now)
}

/// Uses the link up; whether it was there still.
pub async fn use_up(tx: &mut Tx, token_hash: &str) -> Result<bool, DbError> {
    let used = sql!(tx => execute, "DELETE FROM reset_links WHERE token_hash = $1", token_hash)?;
    Ok(used > 0)
}

/// Makes the user's link worthless, if there is one.
pub async fn withdraw(tx: &mut Tx, user: UserId) -> Result<(), DbError> {
    sql!(tx => execute, "DELETE FROM reset_links WHERE user_id = $1", user)?;
    Ok(())
}

pub async fn delete_expired(tx: &mut Tx, now: Timestamp) -> Result<u64, DbError> {
    sql!(tx => execute, "DELETE FROM reset_links WHERE expires_at <= $1", now)
}

pub async fn set_password(
    tx: &mut Tx,
    user: UserId,
    hash: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO passwords (user_id, hash, updated_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET hash = $2, updated_at = $3",
        user, hash, now)?;
    Ok(())
}
