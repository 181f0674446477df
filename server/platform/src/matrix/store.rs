//! All SQL about delayed leave events.

use std::time::Duration;

use super::model::DelayedLeave;
use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
};

#[derive(sqlx::FromRow)]
struct DelayedLeaveRow {
    room: String,
    identity: String,
    server_name: String,
    delay_id: String,
    delay_timeout: i64,
    restarted_at: Timestamp,
}

impl From<DelayedLeaveRow> for DelayedLeave {
    fn from(row: DelayedLeaveRow) -> DelayedLeave {
        DelayedLeave {
            room: row.room,
            identity: row.identity,
            server_name: row.server_name,
            delay_id: row.delay_id,
            delay_timeout: Duration::from_millis(u64::try_from(row.delay_timeout).unwrap_or(0)),
            restarted_at: row.restarted_at,
        }
    }
}

/// Replaces what was kept for the same room and identity.
pub async fn save(tx: &mut Tx, leave: &DelayedLeave) -> Result<(), DbError> {
    let delay_timeout = i64::try_from(leave.delay_timeout.as_millis()).unwrap_or(i64::MAX);
    sql!(tx => execute,
        "INSERT INTO delayed_leaves (room, identity, server_name, delay_id, delay_timeout, restarted_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (room, identity) DO UPDATE SET
             server_name = excluded.server_name, delay_id = excluded.delay_id,
             delay_timeout = excluded.delay_timeout, restarted_at = excluded.restarted_at",
        &leave.room, &leave.identity, &leave.server_name, &leave.delay_id, delay_timeout,
        leave.restarted_at)?;
    Ok(())
}

/// Not an error when there is none.
pub async fn delete(tx: &mut Tx, room: &str, identity: &str) -> Result<(), DbError> {
    sql!(tx => execute,
        "DELETE FROM delayed_leaves WHERE room = $1 AND identity = $2", room, identity)?;
    Ok(())
}

pub async fn all(db: impl Into<Executor<'_>>) -> Result<Vec<DelayedLeave>, DbError> {
    let rows = sql!(db => all DelayedLeaveRow,
        "SELECT room, identity, server_name, delay_id, delay_timeout, restarted_at
         FROM delayed_leaves ORDER BY room, identity")?;
    Ok(rows.into_iter().map(DelayedLeave::from).collect())
}
