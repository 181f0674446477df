//! SQLite or PostgreSQL behind one enum; the only place that matches on the backend.
//! One SQL text serves both: text ids, integer milliseconds, `$1`, `RETURNING`, `ON CONFLICT`.

mod claim;
mod column;
mod failure;
mod migrate;
mod open;
mod query;
mod write_check;

use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};

pub use claim::{Claim, ClaimError, Sharing};
pub(crate) use column::{id, text_column, text_enum};
pub use failure::{Failure, failure};
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[tokio::test]
    async fn a_writer_that_sqlite_rolled_back_by_itself_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("convoke.db").display());
        let db = Database::open(&url, 4).await.unwrap();
        db.migrate().await.unwrap();
        let Database::Sqlite { writer, .. } = &db else {
            unreachable!("the URL says SQLite")
        };
        // As full as a disk can be, for this connection: no page more than there are.
        sqlx::query("PRAGMA max_page_count = 1")
            .execute(writer)
            .await
            .unwrap();
        let mut tx = db.begin().await.unwrap();
        let insert = "INSERT INTO livekit_events (id, received_at) VALUES ($1, 0)";
        sql!(&mut tx => execute, insert, "small").unwrap();
        let error = sql!(&mut tx => execute, insert, "x".repeat(1 << 20)).unwrap_err();
        assert_eq!(failure(&error), Failure::StorageFull, "{error}");
        drop(tx);
        db.check_write(Timestamp(1)).await.unwrap();
        let kept = sql!(&db => scalar i64, "SELECT COUNT(*) FROM livekit_events").unwrap();
        assert_eq!(kept, 0, "nothing of the transaction that failed");
    }

    #[tokio::test]
    async fn a_commit_is_on_the_disk_before_it_is_answered() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("convoke.db").display());
        let db = Database::open(&url, 4).await.unwrap();
        let Database::Sqlite { writer, .. } = &db else {
            unreachable!("the URL says SQLite")
        };
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous")
            .fetch_one(writer)
            .await
            .unwrap();
        assert_eq!(synchronous, 2, "FULL");
    }
}
