//! All SQL about films on their way from the recorder to where they are kept.

use crate::{
    clock::Timestamp,
    db::{self, DbError, Executor, Tx, each_id, sql},
    recordings::RecordingId,
};

/// A film on its way.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct TransferRow {
    pub recording_id: RecordingId,
    pub upload_id: Option<String>,
    pub part_size: i64,
    pub parts_done: i64,
    pub bytes_done: i64,
    /// Of the bytes that are done.
    pub crc32: i64,
    pub attempts: i64,
    pub last_error: Option<String>,
    pub waiting_since: Option<Timestamp>,
}

/// Begins a film's way.
pub async fn insert(tx: &mut Tx, id: RecordingId, now: Timestamp) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO recording_transfers (recording_id, next_at) VALUES ($1, $2)
         ON CONFLICT (recording_id) DO NOTHING",
        id, now)?;
    Ok(())
}

/// Whoever takes it has it to himself until `until`; `None`: it is somebody else's, or over.
pub async fn take(
    tx: &mut Tx,
    id: RecordingId,
    holder: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<Option<TransferRow>, DbError> {
    sql!(tx => optional TransferRow,
        "UPDATE recording_transfers SET holder = $2, held_until = $3
         WHERE recording_id = $1 AND held_until <= $4
         RETURNING recording_id, upload_id, part_size, parts_done, bytes_done, crc32, attempts,
                   last_error, waiting_since",
        id, holder, until, now)
}

/// Saves how far it is and holds it until `until`; `false`: somebody else has taken it.
pub async fn save(
    tx: &mut Tx,
    row: &TransferRow,
    holder: &str,
    until: Timestamp,
    next_at: Timestamp,
) -> Result<bool, DbError> {
    let saved = sql!(tx => execute,
        "UPDATE recording_transfers
         SET upload_id = $3, part_size = $4, parts_done = $5, bytes_done = $6, crc32 = $7,
             attempts = $8, last_error = $9, waiting_since = $10, held_until = $11, next_at = $12
         WHERE recording_id = $1 AND holder = $2",
        row.recording_id, holder, &row.upload_id, row.part_size, row.parts_done, row.bytes_done,
        row.crc32, row.attempts, &row.last_error, row.waiting_since, until, next_at)?;
    Ok(saved == 1)
}

/// Holds it until `until`; `false`: somebody else has taken it, or it is over.
pub async fn hold(
    tx: &mut Tx,
    id: RecordingId,
    holder: &str,
    until: Timestamp,
) -> Result<bool, DbError> {
    let held = sql!(tx => execute,
        "UPDATE recording_transfers SET held_until = $3 WHERE recording_id = $1 AND holder = $2",
        id, holder, until)?;
    Ok(held == 1)
}

/// Nobody holds any film any more; those that somebody held.
pub async fn let_all_go(tx: &mut Tx, now: Timestamp) -> Result<Vec<RecordingId>, DbError> {
    let rows = sql!(tx => all (RecordingId,),
        "UPDATE recording_transfers SET held_until = $1, next_at = $1 WHERE held_until > $1
         RETURNING recording_id",
        now)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub async fn delete(tx: &mut Tx, id: RecordingId) -> Result<(), DbError> {
    sql!(tx => execute, "DELETE FROM recording_transfers WHERE recording_id = $1", id)?;
    Ok(())
}

/// Films that nobody works on and no job is known for.
pub async fn overdue(
    db: impl Into<Executor<'_>>,
    due_before: Timestamp,
    now: Timestamp,
) -> Result<Vec<RecordingId>, DbError> {
    let rows = sql!(db => all (RecordingId,),
        "SELECT recording_id FROM recording_transfers
         WHERE next_at < $1 AND held_until <= $2 ORDER BY next_at LIMIT 100",
        due_before, now)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// A job for it is queued; `false`: it is not on its way.
pub async fn note_job(tx: &mut Tx, id: RecordingId, now: Timestamp) -> Result<bool, DbError> {
    let noted = sql!(tx => execute,
        "UPDATE recording_transfers SET next_at = $2 WHERE recording_id = $1", id, now)?;
    Ok(noted == 1)
}

/// Why a film does not come.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Stuck {
    pub recording_id: RecordingId,
    pub attempts: i64,
    pub last_error: Option<String>,
    pub next_at: Timestamp,
}

/// Why these recordings' films do not come; nothing of those that are not on their way.
pub async fn stuck_of(
    db: impl Into<Executor<'_>>,
    ids: &[RecordingId],
) -> Result<Vec<Stuck>, DbError> {
    sql!(db => all Stuck,
        concat!(each_id!("$1"),
            " SELECT recording_id, attempts, last_error, next_at
              FROM wanted JOIN recording_transfers ON recording_id = wanted.id"),
        db::in_a_row(ids))
}

/// How many films wait for a store or a recorder that does not answer.
pub async fn count_waiting(db: impl Into<Executor<'_>>) -> Result<i64, DbError> {
    sql!(db => scalar i64,
        "SELECT COUNT(*) FROM recording_transfers WHERE waiting_since IS NOT NULL")
}
