//! SQLite or PostgreSQL behind one enum; the only place that matches on the backend.
//! One SQL text serves both: text ids, integer milliseconds, `$1`, `RETURNING`, `ON CONFLICT`.

mod access;
mod claim;
mod column;
mod copy;
mod failure;
mod known;
mod migrate;
mod open;
pub mod outbox;
mod query;
mod write_check;
mod writes;

use std::ops::{Deref, DerefMut};

use sqlx::{
    PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction,
    pool::PoolConnection,
};

use access::{AccessChange, AccessChanges};
pub use claim::{Claim, ClaimError, Sharing};
pub(crate) use column::{id, text_column, text_enum};
pub use copy::{Copied, CopyError, CopyUnfit, copy, judge_copy, judge_schema};
pub use failure::{Failure, failure};
pub use known::Known;
pub use migrate::{MigrateError, NewerSchema};
pub use open::{OpenDatabaseError, sqlite_file};
pub use outbox::{Draft, Message};
use outbox::{Leaving, Outbox};
pub(crate) use query::{each_id, sql};
use writes::{Write, Writes};

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
        /// Nobody else changes accounts and sessions: an SQLite database is one server's (see `claim`).
        access: AccessChanges,
        writes: Writes,
        outbox: Outbox,
    },
    Postgres {
        pool: PgPool,
        /// Other servers' changes are heard through the outbox.
        access: AccessChanges,
        outbox: Outbox,
    },
}

/// How many connections a pool has.
#[derive(Debug, Clone, Copy)]
pub struct Pool {
    pub name: &'static str,
    pub open: u64,
    pub idle: u64,
}

/// One connection for several reads one after another: cheaper than one from the pool for each. Hold it for no other
/// wait: there are few.
pub enum Reads {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// A transaction; rolled back when dropped without [`Tx::commit`].
/// Never hold two at once: on SQLite the second waits for the first.
pub enum Tx {
    Sqlite(SqliteTx),
    Postgres(PostgresTx),
}

/// A transaction on PostgreSQL.
pub struct PostgresTx {
    transaction: Transaction<'static, Postgres>,
    leaving: Leaving,
    access: AccessChanges,
    // Dropped after the transaction.
    change: Option<AccessChange>,
}

/// A transaction on SQLite.
pub struct SqliteTx {
    transaction: Transaction<'static, Sqlite>,
    leaving: Leaving,
    access: AccessChanges,
    // Dropped after the transaction.
    change: Option<AccessChange>,
    write: Write,
}

impl Database {
    /// Begins a writing transaction (SQLite takes the write lock at once).
    pub async fn begin(&self) -> Result<Tx, DbError> {
        self.begin_as(Writes::begin).await
    }

    /// The same, of samples and counts only, which are written all the time: what is kept in memory until something is
    /// written (`Known`) holds nothing of them, and stays.
    pub async fn begin_aside(&self) -> Result<Tx, DbError> {
        self.begin_as(Writes::begin_aside).await
    }

    async fn begin_as(&self, write: impl FnOnce(&Writes) -> Write) -> Result<Tx, DbError> {
        match self {
            Database::Sqlite {
                writer,
                access,
                writes,
                outbox,
                ..
            } => Ok(Tx::Sqlite(SqliteTx {
                transaction: writer.begin_with("BEGIN IMMEDIATE").await?,
                leaving: outbox.begin(),
                access: access.clone(),
                change: None,
                write: write(writes),
            })),
            Database::Postgres {
                pool,
                access,
                outbox,
            } => Ok(Tx::Postgres(PostgresTx {
                transaction: pool.begin().await?,
                leaving: outbox.begin(),
                access: access.clone(),
                change: None,
            })),
        }
    }

    /// A connection for several reads.
    pub async fn reads(&self) -> Result<Reads, DbError> {
        match self {
            Database::Sqlite { reader, .. } => Ok(Reads::Sqlite(reader.acquire().await?)),
            Database::Postgres { pool, .. } => Ok(Reads::Postgres(pool.acquire().await?)),
        }
    }

    /// Its pools of connections as they are now.
    pub fn pools(&self) -> Vec<Pool> {
        fn of<DB: sqlx::Database>(name: &'static str, pool: &sqlx::Pool<DB>) -> Pool {
            Pool {
                name,
                open: pool.size().into(),
                idle: pool.num_idle() as u64,
            }
        }
        match self {
            Database::Sqlite { reader, writer, .. } => {
                vec![of("reader", reader), of("writer", writer)]
            }
            Database::Postgres { pool, .. } => vec![of("all", pool)],
        }
    }

    /// The backend's name as the API shows it: `sqlite` or `postgres`.
    pub fn backend(&self) -> &'static str {
        match self {
            Database::Sqlite { .. } => "sqlite",
            Database::Postgres { .. } => "postgres",
        }
    }

    /// Whether other servers of the site may use it as well.
    pub fn is_shared(&self) -> bool {
        match self {
            Database::Sqlite { .. } => false,
            Database::Postgres { .. } => true,
        }
    }

    /// The one of two SQL texts that this database reads: for tables that are not ours, and differ.
    pub fn text(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self {
            Database::Sqlite { .. } => sqlite,
            Database::Postgres { .. } => postgres,
        }
    }

    /// How the database would run a query with these literals for `$1`, `$2`, …
    #[cfg(test)]
    pub async fn plan(&self, query: &str, literals: &[&str]) -> String {
        use sqlx::{AssertSqlSafe, Row};
        let numbered = literals.iter().enumerate().rev();
        let query = numbered.fold(query.to_owned(), |query, (index, literal)| {
            query.replace(&format!("${}", index + 1), literal)
        });
        let lines: Vec<String> = match self {
            Database::Sqlite { reader, .. } => {
                let query = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {query}"));
                let rows = sqlx::query(query).fetch_all(reader).await.unwrap();
                rows.iter().map(|row| row.get("detail")).collect()
            }
            Database::Postgres { pool, .. } => {
                // It plans by what it has counted.
                sqlx::raw_sql("ANALYZE").execute(pool).await.unwrap();
                let query = AssertSqlSafe(format!("EXPLAIN {query}"));
                let rows = sqlx::query(query).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        };
        lines.join("\n")
    }

    /// How often accounts or sessions changed: what was read at another count may not hold any more. `None` while
    /// other servers may change them unheard.
    pub fn access_changes(&self) -> Option<u64> {
        self.access().count()
    }

    /// How often anything was written: what was read at another count may be old. `None` where other servers write.
    pub fn writes(&self) -> Option<u64> {
        match self {
            Database::Sqlite { writes, .. } => Some(writes.count()),
            Database::Postgres { .. } => None,
        }
    }

    /// Says that another server changed accounts or sessions.
    pub fn access_changed_elsewhere(&self) {
        self.access().heard();
    }

    fn access(&self) -> &AccessChanges {
        match self {
            Database::Sqlite { access, .. } | Database::Postgres { access, .. } => access,
        }
    }

    /// Closes every connection after the queries under way.
    pub async fn close(&self) {
        match self {
            Database::Sqlite { reader, writer, .. } => {
                reader.close().await;
                writer.close().await;
            }
            Database::Postgres { pool, .. } => pool.close().await,
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

    /// Says that this transaction ends sessions or changes accounts: nothing read before its end is believed after it.
    pub fn changes_access(&mut self) {
        let (access, change) = match self {
            Tx::Sqlite(tx) => (&tx.access, &mut tx.change),
            Tx::Postgres(tx) => (&tx.access, &mut tx.change),
        };
        if change.is_none() {
            *change = Some(access.begin());
        }
    }

    /// Leaves a message for every server on this database, if the transaction commits.
    pub fn leave(&mut self, draft: Draft) {
        self.leaving().drafts.push(draft);
    }

    fn leaving(&mut self) -> &mut Leaving {
        match self {
            Tx::Sqlite(tx) => &mut tx.leaving,
            Tx::Postgres(tx) => &mut tx.leaving,
        }
    }

    pub async fn commit(mut self) -> Result<(), DbError> {
        let drafts = std::mem::take(&mut self.leaving().drafts);
        let tells_access = matches!(&self, Tx::Postgres(tx) if tx.change.is_some());
        if tells_access || !drafts.is_empty() {
            outbox::write(&mut self, &drafts, tells_access).await?;
        }
        match self {
            Tx::Sqlite(tx) => tx.commit().await,
            Tx::Postgres(tx) => tx.commit().await,
        }
    }
}

impl PostgresTx {
    async fn commit(self) -> Result<(), DbError> {
        let PostgresTx {
            transaction,
            change,
            leaving: _told_when_dropped,
            ..
        } = self;
        to_its_end(transaction, change).await
    }
}

impl SqliteTx {
    async fn commit(self) -> Result<(), DbError> {
        let SqliteTx {
            transaction,
            change,
            leaving: _told_when_dropped,
            write: _counted_when_dropped,
            ..
        } = self;
        to_its_end(transaction, change).await
    }
}

/// Commits, also when whoever asked for it has gone: a change of access counts when it is in the database.
async fn to_its_end<DB: sqlx::Database>(
    transaction: Transaction<'static, DB>,
    change: Option<AccessChange>,
) -> Result<(), DbError> {
    let Some(change) = change else {
        return transaction.commit().await;
    };
    let committed = tokio::spawn(async move {
        let done = transaction.commit().await;
        drop(change);
        done
    });
    committed.await.unwrap_or(Err(DbError::WorkerCrashed))
}

impl Deref for PostgresTx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.transaction
    }
}

impl DerefMut for PostgresTx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

impl Deref for SqliteTx {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.transaction
    }
}

impl DerefMut for SqliteTx {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }
}

/// Where one query runs: what a store's function takes as `impl Into<Executor<'_>>`.
pub enum Executor<'e> {
    SqlitePool(&'e SqlitePool),
    Sqlite(&'e mut SqliteConnection),
    PostgresPool(&'e PgPool),
    Postgres(&'e mut PgConnection),
}

impl Executor<'_> {
    /// The same place, for one query of several.
    pub fn again(&mut self) -> Executor<'_> {
        match self {
            Executor::SqlitePool(pool) => Executor::SqlitePool(pool),
            Executor::Sqlite(connection) => Executor::Sqlite(connection),
            Executor::PostgresPool(pool) => Executor::PostgresPool(pool),
            Executor::Postgres(connection) => Executor::Postgres(connection),
        }
    }
}

impl<'e> From<&'e Database> for Executor<'e> {
    fn from(db: &'e Database) -> Executor<'e> {
        match db {
            Database::Sqlite { reader, .. } => Executor::SqlitePool(reader),
            Database::Postgres { pool, .. } => Executor::PostgresPool(pool),
        }
    }
}

impl<'e> From<&'e mut Reads> for Executor<'e> {
    fn from(reads: &'e mut Reads) -> Executor<'e> {
        match reads {
            Reads::Sqlite(connection) => Executor::Sqlite(connection),
            Reads::Postgres(connection) => Executor::Postgres(connection),
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

/// Ids as [`each_id!`] reads them: one after another, each as long as a UUID is.
pub fn in_a_row<'a, Id: std::fmt::Display + 'a>(ids: impl IntoIterator<Item = &'a Id>) -> String {
    ids.into_iter().map(ToString::to_string).collect()
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
    async fn whoever_is_frozen_in_a_transaction_holds_nobody_up_for_long() {
        let folder = tempfile::tempdir().unwrap();
        let db = crate::testing::database::open(folder.path()).await;
        if let Database::Sqlite { .. } = db {
            // The one server that has the file is frozen as a whole.
            return;
        }
        let mut frozen = db.begin().await.unwrap();
        frozen.lock("outbox").await.unwrap();
        let mut other = db.begin().await.unwrap();
        let within = std::time::Duration::from_secs(20);
        let locked = tokio::time::timeout(within, other.lock("outbox")).await;
        locked.unwrap().unwrap();
        assert!(frozen.commit().await.is_err());
    }

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
