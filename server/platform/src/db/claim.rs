//! Keeps two servers from wiping each other's presence: whoever has a media server of its own has the
//! database to itself, and replicas share it only when they share their LiveKit cluster too.
//!
//! A claim ends with its process, however that ends: it is a file lock beside an SQLite database, and
//! an advisory lock on a connection of its own in PostgreSQL.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions, sqlite::SqliteConnectOptions};
use thiserror::Error;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use super::DbError;

// PostgreSQL's advisory locks are pairs of numbers; these are ours.
const SERVERS: i32 = 0x436f_6e76;
const ALL: i32 = 1;
const CLUSTERS: i32 = 0x436f_6e77;

const LOOK_EVERY: Duration = Duration::from_secs(2);
// PostgreSQL notices a holder whose machine vanished within 15 + 3 × 5 seconds (see `connect`).
const KEEPALIVE: [(&str, &str); 3] = [
    ("tcp_keepalives_idle", "15"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
];
const GIVE_UP_AFTER: Duration = Duration::from_mins(1);

/// Who else may use the database at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sharing {
    /// Nobody.
    Alone,
    /// Servers that use the LiveKit cluster with this API key.
    WithReplicasOn {
        /// Names the cluster.
        api_key: String,
    },
}

/// Why a database cannot be claimed.
#[derive(Debug, Error)]
pub enum ClaimError {
    #[error(
        "another Convoke server uses {}; stop it, or give this one a database of its own",
        .0.display()
    )]
    FileTaken(PathBuf),
    #[error("cannot lock {}: {cause}", path.display())]
    File { path: PathBuf, cause: io::Error },
    #[error(
        "another Convoke server uses this PostgreSQL database; stop it, or give this one a database of its \
         own (servers beside each other need livekit.external: true, one LiveKit cluster and no matrix)"
    )]
    Taken,
    #[error(
        "another Convoke server on this PostgreSQL database uses another LiveKit cluster (livekit.api_key \
         differs); give this one a database of its own"
    )]
    OtherCluster,
    #[error("could not claim the database: {0}")]
    Database(#[from] DbError),
}

/// A database that this process may keep presence in, until it is dropped.
#[derive(Debug)]
pub struct Claim {
    held: watch::Receiver<Hold>,
    _file: Option<File>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    Held,
    /// PostgreSQL went away, and the claim with it.
    Unsure,
    /// Another server has it now.
    Lost,
}

impl Claim {
    /// Claims the database at `url`, or says who has it.
    pub async fn take(url: &str, sharing: &Sharing) -> Result<Claim, ClaimError> {
        let (hold, held) = watch::channel(Hold::Held);
        if url.starts_with("sqlite:") {
            // Never shared: SQLite is for one server.
            return Ok(Claim {
                held,
                _file: lock_beside(url)?,
            });
        }
        let connection = connect(url, sharing).await?;
        let (url, sharing) = (url.to_owned(), sharing.clone());
        tokio::spawn(async move { keep(connection, &url, &sharing, &hold).await });
        Ok(Claim { held, _file: None })
    }

    /// A claim that nobody contests; for tests on a database of their own.
    #[cfg(test)]
    pub fn uncontested() -> Claim {
        let (_, held) = watch::channel(Hold::Held);
        Claim { held, _file: None }
    }

    /// Whether this process has the claim at this moment.
    pub fn is_held(&self) -> bool {
        *self.held.borrow() == Hold::Held
    }

    /// Resolves once another server has the database for good.
    pub async fn lost(&self) {
        let mut held = self.held.clone();
        if held.wait_for(|hold| *hold == Hold::Lost).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

fn lock_beside(url: &str) -> Result<Option<File>, ClaimError> {
    let options = SqliteConnectOptions::from_str(url)?;
    let database = options.get_filename().to_owned();
    if url.contains(":memory:") {
        return Ok(None);
    }
    let mut name = database.clone().into_os_string();
    name.push("-lock");
    let path = PathBuf::from(name);
    let fail = |cause| ClaimError::File {
        path: path.clone(),
        cause,
    };
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(fail)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(ClaimError::FileTaken(database)),
        Err(TryLockError::Error(cause)) => Err(fail(cause)),
    }
}

async fn connect(url: &str, sharing: &Sharing) -> Result<PgConnection, ClaimError> {
    let options = PgConnectOptions::from_str(url)?.options(KEEPALIVE);
    let mut connection = PgConnection::connect_with(&options).await?;
    let lock = match sharing {
        Sharing::Alone => "SELECT pg_try_advisory_lock($1, $2)",
        Sharing::WithReplicasOn { .. } => "SELECT pg_try_advisory_lock_shared($1, $2)",
    };
    let taken: bool = sqlx::query_scalar(lock)
        .bind(SERVERS)
        .bind(ALL)
        .fetch_one(&mut connection)
        .await?;
    if !taken {
        return Err(ClaimError::Taken);
    }
    if let Sharing::WithReplicasOn { api_key } = sharing {
        sqlx::query("SELECT pg_advisory_lock_shared($1, hashtext($2))")
            .bind(CLUSTERS)
            .bind(api_key)
            .execute(&mut connection)
            .await?;
        let others: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM pg_locks
             WHERE locktype = 'advisory' AND objsubid = 2
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND classid::bigint = $1
               AND objid::bigint <> (hashtext($2)::bigint & 4294967295)",
        )
        .bind(i64::from(CLUSTERS))
        .bind(api_key)
        .fetch_one(&mut connection)
        .await?;
        if others > 0 {
            return Err(ClaimError::OtherCluster);
        }
    }
    Ok(connection)
}

/// Looks after the connection that holds the claim, and takes it anew when PostgreSQL went away.
async fn keep(
    mut connection: PgConnection,
    url: &str,
    sharing: &Sharing,
    hold: &watch::Sender<Hold>,
) {
    loop {
        sleep(LOOK_EVERY).await;
        if hold.is_closed() {
            return;
        }
        if connection.ping().await.is_ok() {
            continue;
        }
        hold.send_replace(Hold::Unsure);
        tracing::warn!("the connection that claims the database broke; it is claimed anew");
        let mut refused_since = None;
        connection = loop {
            match connect(url, sharing).await {
                Ok(connection) => break connection,
                // PostgreSQL may still believe in our own old connection.
                Err(error @ (ClaimError::Taken | ClaimError::OtherCluster)) => {
                    let since = *refused_since.get_or_insert_with(Instant::now);
                    if since.elapsed() > GIVE_UP_AFTER {
                        tracing::error!("{error}");
                        hold.send_replace(Hold::Lost);
                        return;
                    }
                }
                Err(_) => refused_since = None,
            }
            sleep(LOOK_EVERY).await;
            if hold.is_closed() {
                return;
            }
        };
        hold.send_replace(Hold::Held);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::database;

    async fn refused(url: &str, sharing: &Sharing) -> String {
        Claim::take(url, sharing).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn a_database_belongs_to_one_server_until_that_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let url = database::create(folder.path()).await;
        let first = Claim::take(&url, &Sharing::Alone).await.unwrap();
        assert!(
            refused(&url, &Sharing::Alone)
                .await
                .contains("another Convoke server")
        );
        assert!(first.is_held());
        drop(first);
        // PostgreSQL's side ends when the keeper looks again, or with the process.
        let again = async {
            while Claim::take(&url, &Sharing::Alone).await.is_err() {
                sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), again)
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn replicas_share_a_postgres_database_when_they_share_a_cluster() {
        let folder = tempfile::tempdir().unwrap();
        let url = database::create(folder.path()).await;
        if url.starts_with("sqlite:") {
            eprintln!("skipped: replicas share PostgreSQL only");
            return;
        }
        let on = |api_key: &str| Sharing::WithReplicasOn {
            api_key: api_key.to_owned(),
        };
        let _one = Claim::take(&url, &on("APIone")).await.unwrap();
        let _other = Claim::take(&url, &on("APIone")).await.unwrap();
        assert!(
            refused(&url, &on("APItwo"))
                .await
                .contains("another LiveKit cluster")
        );
        assert!(
            refused(&url, &Sharing::Alone)
                .await
                .contains("another Convoke server")
        );
    }
}
