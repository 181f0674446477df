//! All SQL about passwords, the setup link and tries that are counted.

use std::time::Duration;

use crate::{
    accounts::UserId,
    clock::Timestamp,
    db::{Database, DbError, Executor, Tx, sql},
};

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

/// How often something may be tried.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// In the long run, one in so long.
    pub each: Duration,
    /// As many more as so long would allow, at once after a rest.
    pub more_at_once: Duration,
}

/// Counts one try of `key`; refused, it says how long to wait. Of tries at once on several servers no more pass than the
/// rate allows (the generic cell rate algorithm, in one statement).
pub async fn count_try(
    db: &Database,
    key: &str,
    rate: Rate,
    now: Timestamp,
) -> Result<Result<(), Duration>, DbError> {
    let each = Timestamp(0) + rate.each;
    let more = Timestamp(0) + rate.more_at_once;
    let mut tx = db.begin_aside().await?;
    let counted = sql!(&mut tx => optional_scalar i64,
        "INSERT INTO rate_limits AS held (key, free_at) VALUES ($1, $2 + $3)
         ON CONFLICT (key) DO UPDATE SET
             free_at = CASE WHEN held.free_at > $2 THEN held.free_at ELSE $2 END + $3
         WHERE held.free_at - $2 <= $4
         RETURNING free_at",
        key, now, each, more)?;
    if counted.is_some() {
        tx.commit().await?;
        return Ok(Ok(()));
    }
    let free_at = sql!(&mut tx => optional_scalar Timestamp, "SELECT free_at FROM rate_limits WHERE key = $1", key)?;
    let next = free_at.unwrap_or(now) - rate.more_at_once;
    Ok(Err(next.since(now)))
}

/// The moment by the clock that all servers of a site share: their own differ, and one that is minutes ahead would lock
/// people out at the others.
pub async fn shared_now(db: &Database) -> Result<Timestamp, DbError> {
    let text = db.text(
        "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER)",
        "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
    );
    sql!(db => scalar Timestamp, text)
}

/// Forgets tries that stand in nobody's way any more.
pub async fn forget_tries(db: impl Into<Executor<'_>>, now: Timestamp) -> Result<(), DbError> {
    sql!(db => execute, "DELETE FROM rate_limits WHERE free_at <= $1", now)?;
    Ok(())
}
