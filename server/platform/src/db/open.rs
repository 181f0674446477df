//! Opens the database that a URL names.

use std::{path::PathBuf, str::FromStr, time::Duration};

use sqlx::{
    Connection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use thiserror::Error;
use tokio::time::Instant;

use super::{AccessChanges, Database, DbError, Outbox, Writes};

/// Why the database could not be opened. Never holds the URL: it may carry a password.
#[derive(Debug, Error)]
pub enum OpenDatabaseError {
    #[error("database.url must start with sqlite: or postgres://")]
    UnknownScheme,
    #[error("could not open the database: {0}")]
    Connect(#[from] DbError),
}

const READERS: u32 = 4;
// Past any sane transaction: apalis cancels its running jobs when it meets SQLITE_BUSY.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
// Whoever asks for a PostgreSQL connection hears within a second that there is none.
const CONNECTION_WITHIN: Duration = Duration::from_millis(900);
// A server that is frozen or cut off in the middle of a transaction holds its locks no longer: none here waits for
// anything but the database. And a machine that vanished is noticed within half a minute, not in two hours.
const SESSION: [(&str, &str); 4] = [
    ("idle_in_transaction_session_timeout", "5s"),
    ("tcp_keepalives_idle", "15"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
];
// At the start the database may still be starting, too.
const START_WITHIN: Duration = Duration::from_secs(30);

/// The file that a URL names; `None` where it names PostgreSQL or nothing that we know.
pub fn sqlite_file(url: &str) -> Result<Option<PathBuf>, DbError> {
    if !url.starts_with("sqlite:") {
        return Ok(None);
    }
    let options = SqliteConnectOptions::from_str(url)?;
    Ok(Some(options.get_filename().to_owned()))
}

impl Database {
    /// Opens `sqlite:<path>` (created when missing) or `postgres://…`.
    pub async fn open(url: &str, max_connections: u32) -> Result<Database, OpenDatabaseError> {
        if url.starts_with("sqlite:") {
            open_sqlite(url).await.map_err(OpenDatabaseError::Connect)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let pool = PgPoolOptions::new()
                .max_connections(max_connections)
                .acquire_timeout(CONNECTION_WITHIN)
                .connect_lazy_with(PgConnectOptions::from_str(url)?.options(SESSION));
            wait_for(&pool).await?;
            Ok(Database::Postgres {
                pool,
                access: AccessChanges::unheard(),
                outbox: Outbox::new(),
            })
        } else {
            Err(OpenDatabaseError::UnknownScheme)
        }
    }
}

async fn wait_for(pool: &PgPool) -> Result<(), DbError> {
    let deadline = Instant::now() + START_WITHIN;
    loop {
        match pool.acquire().await {
            Err(DbError::PoolTimedOut) if Instant::now() < deadline => {}
            tried => return tried.map(drop),
        }
    }
}

async fn open_sqlite(url: &str) -> Result<Database, DbError> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What was answered is on the disk: NORMAL would lose the last changes in a power cut.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true);
    let writes = Writes::default();
    let written = writes.clone();
    let writer = SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(1)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(BUSY_TIMEOUT)
        .after_release(move |connection, _| {
            let written = written.clone();
            Box::pin(async move {
                // Behind this, the commit or rollback of whoever dropped a transaction is done.
                let done = connection.ping().await;
                written.released();
                done?;
                // SQLite rolls back by itself when the disk is full, fails or memory is short. sqlx
                // then believes in a transaction that is gone; such a connection is closed, and the
                // next writer gets a new one.
                Ok(!connection.is_in_transaction())
            })
        })
        .connect_with(options.clone())
        .await?;
    let reader = SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(READERS)
        // A ping of a file says nothing and costs as much as a query.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(BUSY_TIMEOUT)
        .connect_with(options.create_if_missing(false).pragma("query_only", "ON"))
        .await?;
    Ok(Database::Sqlite {
        reader,
        writer,
        access: AccessChanges::default(),
        writes,
        outbox: Outbox::new(),
    })
}
