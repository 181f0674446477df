//! All SQL about the events already counted.

use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
};

/// `false` when the event was counted before.
pub async fn note(tx: &mut Tx, id: &str, now: Timestamp) -> Result<bool, DbError> {
    let inserted = sql!(tx => execute,
        "INSERT INTO livekit_events (id, received_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
        id, now)?;
    Ok(inserted == 1)
}

/// When the newest of them came.
pub async fn newest(db: impl Into<Executor<'_>>) -> Result<Option<Timestamp>, DbError> {
    sql!(db => scalar Option<Timestamp>, "SELECT MAX(received_at) FROM livekit_events")
}

pub async fn forget(tx: &mut Tx, before: Timestamp) -> Result<(), DbError> {
    sql!(tx => execute, "DELETE FROM livekit_events WHERE received_at < $1", before)?;
    Ok(())
}
