//! All SQL about leases, and about apalis' own tables, which are named differently in the two databases.

use std::time::Duration;

use crate::{
    clock::Timestamp,
    db::{Database, DbError, Tx, sql},
};

/// Whether a job that was due `grace` ago still waits.
pub(super) async fn has_overdue(db: &Database, grace: Duration) -> Result<bool, DbError> {
    let text = db.text(
        "SELECT COUNT(*) FROM Jobs
         WHERE status = 'Pending' AND run_at <= CAST(strftime('%s', 'now') AS INTEGER) - $1",
        "SELECT COUNT(*) FROM apalis.jobs
         WHERE status = 'Pending' AND run_at <= now() - $1 * interval '1 second'",
    );
    let grace = u32::try_from(grace.as_secs()).unwrap_or(u32::MAX);
    Ok(sql!(db => scalar i64, text, i64::from(grace))? > 0)
}

/// A job as apalis keeps it.
#[derive(sqlx::FromRow)]
pub(super) struct JobRow {
    pub id: String,
    pub job_type: String,
    pub status: String,
    pub job: Vec<u8>,
    pub due_at: Timestamp,
}

/// Those that are not done, what is due first.
pub(super) async fn open(db: &Database, most: u32) -> Result<Vec<JobRow>, DbError> {
    let text = db.text(
        "SELECT id, job_type, status, job, run_at * 1000 AS due_at FROM Jobs
         WHERE status IN ('Pending', 'Queued', 'Running', 'Failed') ORDER BY run_at, id LIMIT $1",
        "SELECT id, job_type, status, job, CAST(extract(epoch FROM run_at) * 1000 AS BIGINT) AS due_at
         FROM apalis.jobs
         WHERE status IN ('Pending', 'Queued', 'Running', 'Failed') ORDER BY run_at, id LIMIT $1",
    );
    sql!(db => all JobRow, text, i64::from(most))
}

/// How many jobs are in each state but done, by apalis' names.
pub async fn counted(db: &Database) -> Result<[(&'static str, i64); 4], DbError> {
    let text = db.text(
        "SELECT status, COUNT(*) FROM Jobs WHERE status IN ('Pending', 'Queued', 'Running', 'Failed') GROUP BY status",
        "SELECT status, COUNT(*) FROM apalis.jobs WHERE status IN ('Pending', 'Queued', 'Running', 'Failed')
         GROUP BY status",
    );
    let rows = sql!(db => all (String, i64), text)?;
    let of = |name: &str| {
        let row = rows.iter().find(|(status, _)| status == name);
        row.map_or(0, |(_, count)| *count)
    };
    Ok([
        ("pending", of("Pending")),
        ("queued", of("Queued")),
        ("running", of("Running")),
        ("failed", of("Failed")),
    ])
}

/// Removes finished jobs after a day and the rows of workers that ended. (apalis' own vacuum
/// deletes too much on SQLite and fails on PostgreSQL.)
pub async fn purge(db: &Database) -> Result<(), DbError> {
    let finished = db.text(
        "DELETE FROM Jobs WHERE status IN ('Done', 'Killed')
         AND done_at < CAST(strftime('%s', 'now') AS INTEGER) - 86400",
        "DELETE FROM apalis.jobs WHERE status IN ('Done', 'Killed')
         AND done_at < now() - interval '1 day'",
    );
    let ended = db.text(
        "DELETE FROM Workers
         WHERE last_seen < CAST(strftime('%s', 'now') AS INTEGER) - 86400
         AND id NOT IN (SELECT lock_by FROM Jobs WHERE lock_by IS NOT NULL)",
        "DELETE FROM apalis.workers WHERE last_seen < now() - interval '1 day'
         AND id NOT IN (SELECT lock_by FROM apalis.jobs WHERE lock_by IS NOT NULL)",
    );
    let mut tx = db.begin().await?;
    sql!(&mut tx => execute, finished)?;
    sql!(&mut tx => execute, ended)?;
    tx.commit().await
}

/// Whether `holder` has the lease called `name` from now until `until`.
pub(super) async fn take_lease(
    tx: &mut Tx,
    name: &str,
    holder: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<bool, DbError> {
    let taken = sql!(tx => execute,
        "INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET holder = $2, expires_at = $3
         WHERE leases.holder = $2 OR leases.expires_at <= $4",
        name, holder, until, now)?;
    Ok(taken > 0)
}
