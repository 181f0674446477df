//! All SQL of the overview.

use crate::db::{DbError, Executor, sql};

/// How much there is.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Counts {
    pub users: i64,
    pub rooms: i64,
    pub live_rooms: i64,
    pub live_participants: i64,
}

pub(super) async fn counts(db: impl Into<Executor<'_>>) -> Result<Counts, DbError> {
    sql!(db => one Counts,
        "SELECT (SELECT COUNT(*) FROM users) AS users,
                (SELECT COUNT(*) FROM rooms WHERE deleted_at IS NULL) AS rooms,
                (SELECT COUNT(*) FROM meetings WHERE ended_at IS NULL) AS live_rooms,
                (SELECT COUNT(*) FROM (SELECT DISTINCT room_id, subject FROM attendances
                                       WHERE left_at IS NULL) AS people) AS live_participants")
}
