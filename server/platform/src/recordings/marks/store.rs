//! All SQL about what happened when in recordings.

use super::Mark;
use crate::{
    db::{DbError, Executor, Tx, sql},
    recordings::RecordingId,
};

/// Adds what is not there yet.
pub async fn insert(tx: &mut Tx, recording: RecordingId, mark: &Mark) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO recording_marks (recording_id, at_ms, kind, text) VALUES ($1, $2, $3, $4)
         ON CONFLICT (recording_id, at_ms, kind, text) DO NOTHING",
        recording, mark.at_ms, mark.kind, &mark.text)?;
    Ok(())
}

/// From the beginning to the end.
pub async fn list(
    db: impl Into<Executor<'_>>,
    recording: RecordingId,
) -> Result<Vec<Mark>, DbError> {
    sql!(db => all Mark,
        "SELECT at_ms, kind, text FROM recording_marks WHERE recording_id = $1 ORDER BY at_ms, kind, text",
        recording)
}

/// A deleted recording tells nothing any more.
pub async fn delete_all(tx: &mut Tx, recording: RecordingId) -> Result<(), DbError> {
    sql!(tx => execute, "DELETE FROM recording_marks WHERE recording_id = $1", recording)?;
    Ok(())
}
