//! SQLite or PostgreSQL behind one enum; the only place that matches on the backend.
//! One SQL text serves both: text ids, integer milliseconds, `$1`, `RETURNING`, `ON CONFLICT`.

mod column;
mod migrate;
mod open;
mod query;

use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};

pub(crate) use column::{id, text_column, text_enum};
pub use open::OpenDatabaseError;
pub(crate) use query::sql;

/// What a query can fail with; a feature's error enum wraps it as its internal case.
pub type DbError = sqlx::Error;

/// The pools of one database. Queries on `&Database` are reads; writes need a [`Tx`].
#[derive(Clone)]
pub enum Database {
    Sqlite {
        /// Several read-only connections (WAL lets them run beside the writer).
        reader: SqlitePool,
        /// One connection, so that writers queue here instead of spinning on SQLITE_BUSY.
        writer: SqlitePool,
    },
    Postgres(PgPool),
}

/// A transaction; rolled back when dropped without [`Tx::commit`].
/// Never hold two at once: on SQLite the second waits for the first.
pub enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Database {
    /// Begins a writing transaction (SQLite takes the write lock at once).
    pub async fn begin(&self) -> Result<Tx, DbError> {
        match self {
            Database::Sqlite { writer, .. } => {
                Ok(Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?))
            }
            Database::Postgres(pool) => Ok(Tx::Postgres(pool.begin().await?)),
        }
    }

    /// The backend's name as the API shows it: `sqlite` or `postgres`.
    pub fn backend(&self) -> &'static str {
        match self {
            Database::Sqlite { .. } => "sqlite",
            Database::Postgres(_) => "postgres",
        }
    }

    /// Asks the database for an answer.
    pub async fn ping(&self) -> Result<(), DbError> {
        sql!(self => scalar i64, "SELECT CAST(1 AS BIGINT)").map(|_| ())
    }

    /// Closes every connection after the queries under way.
    pub async fn close(&self) {
        match self {
            Database::Sqlite { reader, writer } => {
                reader.close().await;
                writer.close().await;
            }
            Database::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Waits until no other transaction holds the lock called `name`, and holds it to the end:
    /// for rules over several rows that no index can keep. (SQLite has one writer anyway.)
    pub async fn lock(&mut self, name: &str) -> Result<(), DbError> {
        match self {
            Tx::Sqlite(_) => Ok(()),
            Tx::Postgres(tx) => sqlx::query("SELECT pg_advisory_xact_lock(hashtext($1))")
                .bind(name)
                .execute(&mut **tx)
                .await
                .map(|_| ()),
        }
    }

    pub async fn commit(self) -> Result<(), DbError> {
        match self {
            Tx::Sqlite(tx) => tx.commit().await,
            Tx::Postgres(tx) => tx.commit().await,
        }
    }
}

/// Where one query runs: what a store's function takes as `impl Into<Executor<'_>>`.
pub enum Executor<'e> {
    SqlitePool(&'e SqlitePool),
    Sqlite(&'e mut SqliteConnection),
    PostgresPool(&'e PgPool),
    Postgres(&'e mut PgConnection),
}

impl<'e> From<&'e Database> for Executor<'e> {
    fn from(db: &'e Database) -> Executor<'e> {
        match db {
            Database::Sqlite { reader, .. } => Executor::SqlitePool(reader),
            Database::Postgres(pool) => Executor::PostgresPool(pool),
        }
    }
}

impl<'e> From<&'e mut Tx> for Executor<'e> {
    fn from(tx: &'e mut Tx) -> Executor<'e> {
        match tx {
            Tx::Sqlite(tx) => Executor::Sqlite(tx),
            Tx::Postgres(tx) => Executor::Postgres(tx),
        }
    }
}

/// Whether `error` is a unique index saying no.
pub fn is_unique_violation(error: &DbError) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

/// A `LIKE $1 ESCAPE '!'` pattern that finds `text` anywhere, in a column that is lower-case.
pub fn contains(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.trim().to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
