//! The outbox: messages that a transaction leaves when it commits, and that every server on the database reads in the
//! order of the commits. It must not know what they say.

use std::time::Duration;

use sqlx::{PgPool, postgres::PgListener};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{AccessChanges, Database, DbError, Executor, Tx, sql};
use crate::clock::Timestamp;

const CHANNEL: &str = "convoke_outbox";
/// The kind of a message that is for programs outside only.
pub const WEBHOOK: &str = "webhook";
/// The kind of a message that says that accounts or sessions changed; its subject, where it has one, is the account.
pub const ACCESS: &str = "access";
/// A connection that lies dead is noticed after so long.
const ASK_EVERY: Duration = Duration::from_secs(2);
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
const CONNECT_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// A message about to be left.
#[derive(Debug, Clone)]
pub struct Draft {
    pub kind: &'static str,
    /// The room it is about.
    pub room: Option<String>,
    /// Whom it is about: an account, or somebody in a call.
    pub subject: Option<String>,
    /// JSON.
    pub body: String,
    /// What programs outside are told, JSON; nothing for most of them.
    pub webhook: Option<String>,
    pub at: Timestamp,
}

/// A message that was left.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Message {
    /// Grows with the commits; messages of one database never share one.
    pub id: i64,
    /// When it was left: tells messages apart that have the same id because the database was put back from a copy.
    pub at: Timestamp,
    pub kind: String,
    pub room: Option<String>,
    pub subject: Option<String>,
    pub body: String,
}

impl Message {
    /// Whether it says that accounts or sessions changed, and is no event.
    pub fn is_of_access(&self) -> bool {
        self.kind == ACCESS
    }
}

/// Says that there may be something new to read.
#[derive(Debug, Clone)]
pub struct Outbox(watch::Sender<()>);

impl Outbox {
    pub(super) fn new() -> Outbox {
        Outbox(watch::Sender::new(()))
    }

    fn look(&self) {
        self.0.send_replace(());
    }

    /// What one transaction leaves.
    pub(super) fn begin(&self) -> Leaving {
        Leaving {
            drafts: Vec::new(),
            written: false,
            outbox: self.clone(),
        }
    }
}

/// The messages of a transaction under way. When it has ended, however it ends, those who read look.
#[derive(Debug)]
pub struct Leaving {
    pub(super) drafts: Vec<Draft>,
    written: bool,
    outbox: Outbox,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        if self.written {
            self.outbox.look();
        }
    }
}

/// Writes a transaction's messages, as the last thing before it commits: from here to the commit no other transaction
/// leaves any, so that ids grow with the commits and a reader misses none.
///
/// `tells_access`: other servers must hear that accounts or sessions changed, also where no draft says so.
pub(super) async fn write(
    tx: &mut Tx,
    drafts: &[Draft],
    tells_access: bool,
) -> Result<(), DbError> {
    tx.leaving().written = true;
    tx.lock(CHANNEL).await?;
    for draft in drafts {
        sql!(&mut *tx => execute,
            "INSERT INTO outbox (at, kind, room, subject, body, webhook) VALUES ($1, $2, $3, $4, $5, $6)",
            draft.at, draft.kind, &draft.room, &draft.subject, &draft.body, &draft.webhook)?;
    }
    if let Tx::Postgres(tx) = tx {
        if tells_access && !drafts.iter().any(|draft| draft.kind == ACCESS) {
            sqlx::query(
                "INSERT INTO outbox (at, kind, body)
                 VALUES ((EXTRACT(EPOCH FROM now()) * 1000)::bigint, $1, '{}')",
            )
            .bind(ACCESS)
            .execute(&mut **tx)
            .await?;
        }
        sqlx::query("SELECT pg_notify($1, '')")
            .bind(CHANNEL)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// The oldest messages after the one called `id`.
pub async fn messages_after(
    db: impl Into<Executor<'_>>,
    id: i64,
    limit: i64,
) -> Result<Vec<Message>, DbError> {
    sql!(db => all Message,
        "SELECT id, at, kind, room, subject, body FROM outbox WHERE id > $1 ORDER BY id LIMIT $2", id, limit)
}

/// A message as programs outside are told of it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ToldOutside {
    pub id: i64,
    pub at: Timestamp,
    pub room: Option<String>,
    pub subject: Option<String>,
    /// JSON; nothing where it is for streams only.
    pub webhook: Option<String>,
}

/// The oldest messages after the one called `id`, also those that are for streams only: whoever reads goes on after them.
pub async fn told_outside_after(
    db: impl Into<Executor<'_>>,
    id: i64,
    limit: i64,
) -> Result<Vec<ToldOutside>, DbError> {
    sql!(db => all ToldOutside,
        "SELECT id, at, room, subject, webhook FROM outbox WHERE id > $1 ORDER BY id LIMIT $2", id, limit)
}

/// When the message with this id was left, if it is still there.
pub async fn left_at(db: impl Into<Executor<'_>>, id: i64) -> Result<Option<Timestamp>, DbError> {
    sql!(db => optional_scalar Timestamp, "SELECT at FROM outbox WHERE id = $1", id)
}

/// The ids of the oldest and the newest message; zeros where none was ever left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Kept {
    pub oldest: i64,
    pub newest: i64,
}

/// What there is to read.
pub async fn kept(db: impl Into<Executor<'_>>) -> Result<Kept, DbError> {
    sql!(db => one Kept,
        "SELECT COALESCE((SELECT MIN(id) FROM outbox), 0) AS oldest,
                COALESCE((SELECT MAX(id) FROM outbox), 0) AS newest")
}

/// Forgets messages from before `before`, except the newest, whose id says where to go on, and those after `unread`.
pub async fn trim(tx: &mut Tx, before: Timestamp, unread: Option<i64>) -> Result<(), DbError> {
    sql!(tx => execute,
        "DELETE FROM outbox WHERE at < $1 AND id < (SELECT MAX(id) FROM outbox) AND id <= $2",
        before, unread.unwrap_or(i64::MAX))?;
    Ok(())
}

impl Database {
    /// Changes whenever there may be something new in the outbox.
    pub fn watch_outbox(&self) -> watch::Receiver<()> {
        match self {
            Database::Sqlite { outbox, .. } | Database::Postgres { outbox, .. } => {
                outbox.0.subscribe()
            }
        }
    }

    /// Hears what other servers on this database leave, until `shutdown`; on SQLite there are none.
    pub async fn listen_to_outbox(&self, shutdown: &CancellationToken) {
        let Database::Postgres {
            pool,
            access,
            outbox,
        } = self
        else {
            return;
        };
        let listening = async {
            loop {
                let ended = listen(pool, access, outbox).await;
                access.set_deaf(true);
                if let Err(error) = ended {
                    tracing::warn!(%error, "cannot listen to the database; it is asked at intervals");
                }
                sleep(CONNECT_AGAIN_AFTER).await;
            }
        };
        shutdown.run_until_cancelled(listening).await;
    }
}

async fn listen(pool: &PgPool, access: &AccessChanges, outbox: &Outbox) -> Result<(), DbError> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    access.set_deaf(false);
    // What is said while nobody listens is lost: whoever reads looks now, and after each interruption.
    outbox.look();
    loop {
        match timeout(ASK_EVERY, listener.try_recv()).await {
            Ok(Ok(Some(_))) => outbox.look(),
            Ok(Ok(None)) => return Ok(()),
            Ok(Err(error)) => return Err(error),
            Err(_) => {
                let answer = sqlx::query("SELECT 1").execute(&mut listener);
                let answer = timeout(ANSWER_WITHIN, answer).await;
                answer.map_err(|_| DbError::PoolTimedOut)??;
            }
        }
    }
}
