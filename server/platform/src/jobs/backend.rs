//! The two databases as apalis has them: a crate, types and a configuration of its own for each. Nothing else in
//! `jobs` asks which it is.

use std::time::Duration;

use apalis::prelude::{
    BackendExt, BoxDynError, Data, Monitor, ParallelizeExt, Strategy, WorkerBuilder,
    WorkerBuilderExt,
};
use apalis_core::task::builder::TaskBuilder;
use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use sqlx::migrate::MigrateError;
use tokio_util::sync::CancellationToken;

use super::{
    queue::{Envelope, Queue},
    run::run,
};
use crate::{
    app::App,
    db::{Database, DbError, Tx},
};

const POLL_EVERY: Duration = Duration::from_millis(500);
const HEARTBEAT: Duration = Duration::from_secs(10);
// A job whose worker was killed starts again after this many heartbeats.
const MISSED_HEARTBEATS: usize = 3;

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

/// Puts a job into the queue, to run after `delay`, which apalis counts in whole seconds by the database
/// machine's time, not by the app's clock. The database's own error stays what it is: it says whether to try again.
pub(super) async fn push(
    tx: &mut Tx,
    queue: Queue,
    args: Vec<u8>,
    delay: Duration,
) -> Result<(), DbError> {
    let mut task = TaskBuilder::new(args);
    if !delay.is_zero() {
        let rounded_up = Duration::from_secs(
            delay
                .as_millis()
                .div_ceil(1000)
                .try_into()
                .unwrap_or(u64::MAX),
        );
        task = task.run_after(rounded_up);
    }
    let task = task.build();
    match tx {
        Tx::Sqlite(tx) => apalis_sqlite::queries::push_tasks(&mut **tx, queue.name(), &[task])
            .await
            .map_err(|error| match error {
                apalis_sqlite::Error::Database(error) => error,
                error => DbError::Encode(error.into()),
            }),
        Tx::Postgres(tx) => {
            apalis_postgres::queries::push_tasks(&mut **tx, queue.name(), vec![task])
                .await
                .map_err(|error| match error {
                    apalis_postgres::Error::Database(error) => error,
                    error => DbError::Encode(error.into()),
                })
        }
    }
}

/// Adds a worker that does a queue's jobs until `stop`; each of its lives has a `name` of its own.
pub(super) fn register(
    monitor: Monitor,
    app: App,
    queue: Queue,
    stop: CancellationToken,
    name: impl Fn(usize) -> String + Send + Sync + 'static,
) -> Monitor {
    let db = app.db.clone();
    let at = At { app, queue, stop };
    match db {
        Database::Sqlite { writer, .. } => monitor.register(move |restarts| {
            let config = apalis_sqlite::Config::default()
                .queue(queue.name())
                .batch_size(queue.concurrency())
                .heartbeat_interval(HEARTBEAT)
                .missed_heartbeats(MISSED_HEARTBEATS);
            let backend = SqliteStorage::<Envelope>::new(&writer)
                .with_config(config)
                .poll_with_strategy(Strategy::new().interval(POLL_EVERY));
            WorkerBuilder::new(name(restarts))
                .backend(backend)
                .data(at.clone())
                .concurrency(queue.concurrency())
                .parallelize(tokio::spawn)
                .build(handle)
        }),
        Database::Postgres { pool, .. } => monitor.register(move |restarts| {
            let config = apalis_postgres::Config::default()
                .queue(queue.name())
                .batch_size(queue.concurrency())
                .heartbeat_interval(HEARTBEAT)
                .missed_heartbeats(MISSED_HEARTBEATS);
            let backend = PostgresStorage::<Envelope>::new(&pool)
                .with_config(config)
                .poll_with_strategy(Strategy::new().interval(POLL_EVERY));
            WorkerBuilder::new(name(restarts))
                .backend(backend)
                .data(at.clone())
                .concurrency(queue.concurrency())
                .parallelize(tokio::spawn)
                .build(handle)
        }),
    }
}

/// What a worker has to do its jobs with.
#[derive(Clone)]
struct At {
    app: App,
    queue: Queue,
    stop: CancellationToken,
}

async fn handle(envelope: Envelope, at: Data<At>) -> Result<(), BoxDynError> {
    let At { app, queue, stop } = &*at;
    let done = run(app, *queue, envelope, stop).await;
    done.map_err(Into::into)
}
