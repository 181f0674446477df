//! Copies a database that is in use, and judges such a copy before a site is started on it.

use std::{io, path::Path, str::FromStr};

use sqlx::{
    Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use thiserror::Error;

use super::{
    DbError, OpenDatabaseError,
    migrate::{NewerSchema, VERSION, newest},
    open::{BUSY_TIMEOUT, sqlite_file},
};

/// What became of the wish for a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// An SQLite file, as it was at one moment.
    Sqlite {
        /// The number of its newest migration.
        schema: i64,
    },
    /// None: PostgreSQL has its own tools for that.
    Postgres,
}

/// Why there is no copy.
#[derive(Debug, Error)]
pub enum CopyError {
    /// Nothing is there to copy.
    #[error(
        "there is no database at {0}; name the folder that the server uses with --data-dir, or its configuration file \
         with --config"
    )]
    NoDatabase(String),
    /// The URL is none.
    #[error(transparent)]
    Url(#[from] OpenDatabaseError),
    /// The database or the disk failed.
    #[error("cannot copy the database: {0}")]
    Failed(#[from] DbError),
    /// The copy cannot be put on the disk.
    #[error("cannot copy the database: {0}")]
    Disk(#[from] io::Error),
}

/// Why a copy is of no use here.
#[derive(Debug, Error)]
pub enum CopyUnfit {
    /// Made by a newer Convoke.
    #[error(transparent)]
    Newer(#[from] NewerSchema),
    /// No database of Convoke, or a damaged one.
    #[error("its database is damaged: {0}")]
    Damaged(String),
}

/// Copies the database at `url` into the new file `into`, as it is at one moment, while others write on.
pub async fn copy(url: &str, into: &Path) -> Result<Copied, CopyError> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Copied::Postgres);
    }
    let Some(file) = sqlite_file(url)? else {
        return Err(OpenDatabaseError::UnknownScheme.into());
    };
    if !file.exists() {
        return Err(CopyError::NoDatabase(file.display().to_string()));
    }
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(false)
        .busy_timeout(BUSY_TIMEOUT);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    // A reading transaction in WAL mode: nobody waits for it. What it writes has no journal, and is whole or refused.
    let copied = sqlx::query("VACUUM INTO $1")
        .bind(into.display().to_string())
        .execute(&mut connection)
        .await;
    connection.close().await?;
    copied?;
    // What is said to be copied is on the disk.
    std::fs::File::open(into)?.sync_all()?;
    let mut copy = open(into).await?;
    let schema = schema(&mut copy).await;
    copy.close().await?;
    Ok(Copied::Sqlite { schema: schema? })
}

/// Whether this Convoke can go on with the copy at `path`.
pub async fn judge_copy(path: &Path) -> Result<(), CopyUnfit> {
    let damaged = |error: DbError| CopyUnfit::Damaged(error.to_string());
    let mut copy = open(path).await.map_err(damaged)?;
    let judged = judge(&mut copy).await;
    copy.close().await.map_err(damaged)?;
    let (schema, version, fault) = judged.map_err(damaged)?;
    if schema > newest() {
        // One from before versions were noted is older than this.
        let version = version.unwrap_or_else(|| VERSION.to_owned());
        return Err(NewerSchema { version, schema }.into());
    }
    match fault.as_str() {
        "ok" => Ok(()),
        _ => Err(CopyUnfit::Damaged(fault)),
    }
}

/// Refuses the schema with this number, of Convoke `version`, where it is newer than ours.
pub fn judge_schema(schema: i64, version: &str) -> Result<(), NewerSchema> {
    if schema > newest() {
        let version = version.to_owned();
        return Err(NewerSchema { version, schema });
    }
    Ok(())
}

async fn open(path: &Path) -> Result<SqliteConnection, DbError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Delete)
        .read_only(true);
    SqliteConnection::connect_with(&options).await
}

async fn schema(copy: &mut SqliteConnection) -> Result<i64, DbError> {
    sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations")
        .fetch_one(copy)
        .await
}

async fn judge(copy: &mut SqliteConnection) -> Result<(i64, Option<String>, String), DbError> {
    let schema = schema(copy).await?;
    let noted: bool =
        sqlx::query_scalar("SELECT COUNT(*) > 0 FROM sqlite_schema WHERE name = 'last_versions'")
            .fetch_one(&mut *copy)
            .await?;
    let version = if noted {
        sqlx::query_scalar("SELECT version FROM last_versions")
            .fetch_optional(&mut *copy)
            .await?
    } else {
        None
    };
    let fault = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(copy)
        .await?;
    Ok((schema, version, fault))
}
