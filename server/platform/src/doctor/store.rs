//! All SQL about checks of the way to this site.

use super::model::{DoctorCheckId, Kept};
use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
};

/// A check's row.
#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: DoctorCheckId,
    created_by_name: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    server_half: String,
    browser_half: Option<String>,
    browser_at: Option<Timestamp>,
    started_at: Option<Timestamp>,
    heard_at: Option<Timestamp>,
}

impl Row {
    fn kept(self) -> Result<Kept, DbError> {
        let unreadable = |error: serde_json::Error| DbError::Decode(Box::new(error));
        let browser = self.browser_half.as_deref().map(serde_json::from_str);
        Ok(Kept {
            id: self.id,
            created_by: self.created_by_name,
            created_at: self.created_at,
            expires_at: self.expires_at,
            server: serde_json::from_str(&self.server_half).map_err(unreadable)?,
            browser: browser.transpose().map_err(unreadable)?,
            browser_at: self.browser_at,
            started_at: self.started_at,
            heard_at: self.heard_at,
        })
    }
}

pub async fn insert(tx: &mut Tx, kept: &Kept, token_hash: &str) -> Result<(), DbError> {
    let server = serde_json::to_string(&kept.server);
    let server = server.map_err(|error| DbError::Encode(Box::new(error)))?;
    sql!(tx => execute,
        "INSERT INTO doctor_checks (id, token_hash, created_by_name, created_at, expires_at, server_half)
         VALUES ($1, $2, $3, $4, $5, $6)",
        kept.id, token_hash, &kept.created_by, kept.created_at, kept.expires_at, server)?;
    Ok(())
}

/// Newest first, below the key `before`.
pub async fn list(
    db: impl Into<Executor<'_>>,
    before: &str,
    limit: i64,
) -> Result<Vec<Kept>, DbError> {
    let rows = sql!(db => all Row,
        "SELECT id, created_by_name, created_at, expires_at, server_half, browser_half, browser_at, started_at, heard_at
         FROM doctor_checks WHERE id < $1 ORDER BY id DESC LIMIT $2",
        before, limit)?;
    rows.into_iter().map(Row::kept).collect()
}

pub async fn find(db: impl Into<Executor<'_>>, id: DoctorCheckId) -> Result<Option<Kept>, DbError> {
    let row = sql!(db => optional Row,
        "SELECT id, created_by_name, created_at, expires_at, server_half, browser_half, browser_at, started_at, heard_at
         FROM doctor_checks WHERE id = $1", id)?;
    row.map(Row::kept).transpose()
}

/// The check of this link, while that is good.
pub async fn by_token(
    db: impl Into<Executor<'_>>,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<Kept>, DbError> {
    let row = sql!(db => optional Row,
        "SELECT id, created_by_name, created_at, expires_at, server_half, browser_half, browser_at, started_at, heard_at
         FROM doctor_checks WHERE token_hash = $1 AND expires_at > $2", token_hash, now)?;
    row.map(Row::kept).transpose()
}

/// A run begins in this room; `false`: there were as many as there may be.
pub async fn start(
    tx: &mut Tx,
    id: DoctorCheckId,
    (room, now): (&str, Timestamp),
    most: i64,
) -> Result<bool, DbError> {
    let started = sql!(tx => execute,
        "UPDATE doctor_checks SET room = $2, started_at = $3, heard_at = NULL, runs = runs + 1
         WHERE id = $1 AND runs < $4", id, room, now, most)?;
    Ok(started == 1)
}

/// What a browser told; the last one's stays.
pub async fn finish(
    tx: &mut Tx,
    id: DoctorCheckId,
    half: &::doctor::BrowserHalf,
    now: Timestamp,
) -> Result<(), DbError> {
    let half = serde_json::to_string(half);
    let half = half.map_err(|error| DbError::Encode(Box::new(error)))?;
    sql!(tx => execute,
        "UPDATE doctor_checks SET browser_half = $2, browser_at = $3 WHERE id = $1", id, half, now)?;
    Ok(())
}

/// A webhook told of this room.
pub async fn hear(tx: &mut Tx, room: &str, now: Timestamp) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE doctor_checks SET heard_at = $2 WHERE room = $1 AND heard_at IS NULL", room, now)?;
    Ok(())
}

pub async fn forget(tx: &mut Tx, before: Timestamp) -> Result<(), DbError> {
    sql!(tx => execute, "DELETE FROM doctor_checks WHERE created_at < $1", before)?;
    Ok(())
}
