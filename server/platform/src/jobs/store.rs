//! All SQL about leases, and about apalis' own tables, which are named differently on the two backends.

use std::time::Duration;

use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use sqlx::migrate::MigrateError;

use crate::{
    clock::Timestamp,
    db::{Database, DbError, Tx, sql},
};

/// Brings apalis' tables up to date.
pub async fn migrate(db: &Database) -> Result<(), MigrateError> {
    match db {
        // Not SqliteStorage::setup: it turns synchronous off and shares our migrations table.
        Database::Sqlite { writer, .. } => {
            let mut migrations = SqliteStorage::migrations();
            migrations.dangerous_set_table_name("_apalis_migrations");
            migrations.run(writer).await
        }
        Database::Postgres { pool, .. } => PostgresStorage::<()>::setup(pool)
            .await
            .map_err(|error| MigrateError::Execute(DbError::Encode(error.into()))),
    }
}

/// Whether a job that was due `grace` ago still waits.
pub(super) async fn has_overdue(db: &Database, grace: Duration) -> Result<bool, DbError> {
    let grace = u32::try_from(grace.as_secs()).unwrap_or(u32::MAX);
    let overdue: i64 = match db {
        Database::Sqlite { reader, .. } => {
            sqlx::query_scalar(
                "SELECT COUNT(*) FROM Jobs
                 WHERE status = 'Pending' AND run_at <= CAST(strftime('%s', 'now') AS INTEGER) - $1",
            )
            .bind(i64::from(grace))
            .fetch_one(reader)
            .await?
        }
        Database::Postgres { pool, .. } => {
            sqlx::query_scalar(
                "SELECT COUNT(*) FROM apalis.jobs
                 WHERE status = 'Pending' AND run_at <= now() - make_interval(secs => $1)",
            )
            .bind(f64::from(grace))
            .fetch_one(pool)
            .await?
        }
    };
    Ok(overdue > 0)
}

/// Removes finished jobs after a day and the rows of workers that ended. (apalis' own vacuum
/// deletes too much on SQLite and fails on PostgreSQL.)
pub async fn purge(db: &Database) -> Result<(), DbError> {
    match db {
        Database::Sqlite { writer, .. } => {
            let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
            for statement in [
                "DELETE FROM Jobs WHERE status IN ('Done', 'Killed')
                 AND done_at < CAST(strftime('%s', 'now') AS INTEGER) - 86400",
                "DELETE FROM Workers
                 WHERE last_seen < CAST(strftime('%s', 'now') AS INTEGER) - 86400
                 AND id NOT IN (SELECT lock_by FROM Jobs WHERE lock_by IS NOT NULL)",
            ] {
                sqlx::query(statement).execute(&mut *tx).await?;
            }
            tx.commit().await
        }
        Database::Postgres { pool, .. } => {
            let mut tx = pool.begin().await?;
            for statement in [
                "DELETE FROM apalis.jobs WHERE status IN ('Done', 'Killed')
                 AND done_at < now() - interval '1 day'",
                "DELETE FROM apalis.workers WHERE last_seen < now() - interval '1 day'
                 AND id NOT IN (SELECT lock_by FROM apalis.jobs WHERE lock_by IS NOT NULL)",
            ] {
                sqlx::query(statement).execute(&mut *tx).await?;
            }
            tx.commit().await
        }
    }
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
