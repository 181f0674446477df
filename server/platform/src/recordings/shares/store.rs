//! All SQL about links for outsiders.

use super::model::ShareId;
use crate::{
    accounts::UserId,
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
    recordings::RecordingId,
};

/// A link's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ShareRow {
    pub id: ShareId,
    pub recording_id: RecordingId,
    pub password_hash: Option<String>,
    pub may_download: bool,
    pub created_by_name: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub views: i64,
}

pub async fn insert(
    tx: &mut Tx,
    row: &ShareRow,
    token_hash: &str,
    created_by: UserId,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO recording_shares
             (id, recording_id, token_hash, password_hash, may_download, created_by, created_by_name,
              created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        row.id, row.recording_id, token_hash, &row.password_hash, row.may_download, created_by,
        &row.created_by_name, row.created_at, row.expires_at)?;
    Ok(())
}

/// A recording's links, newest first, below the key `before`.
pub async fn list(
    db: impl Into<Executor<'_>>,
    recording: RecordingId,
    before: &str,
    limit: i64,
) -> Result<Vec<ShareRow>, DbError> {
    sql!(db => all ShareRow,
        "SELECT id, recording_id, password_hash, may_download, created_by_name, created_at, expires_at, views
         FROM recording_shares WHERE recording_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        recording, before, limit)
}

/// The link with this secret, while it is good.
pub async fn by_token(
    db: impl Into<Executor<'_>>,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<ShareRow>, DbError> {
    sql!(db => optional ShareRow,
        "SELECT id, recording_id, password_hash, may_download, created_by_name, created_at, expires_at, views
         FROM recording_shares
         WHERE token_hash = $1 AND (expires_at IS NULL OR expires_at > $2)",
        token_hash, now)
}

/// `false` when there was none.
pub async fn delete(tx: &mut Tx, recording: RecordingId, id: ShareId) -> Result<bool, DbError> {
    let deleted = sql!(tx => execute,
        "DELETE FROM recording_shares WHERE id = $1 AND recording_id = $2", id, recording)?;
    Ok(deleted == 1)
}

/// Every link to a recording ends.
pub async fn delete_all(tx: &mut Tx, recording: RecordingId) -> Result<(), DbError> {
    sql!(tx => execute, "DELETE FROM recording_shares WHERE recording_id = $1", recording)?;
    Ok(())
}

/// Somebody opened it.
pub async fn count_view(tx: &mut Tx, id: ShareId) -> Result<(), DbError> {
    sql!(tx => execute, "UPDATE recording_shares SET views = views + 1 WHERE id = $1", id)?;
    Ok(())
}
