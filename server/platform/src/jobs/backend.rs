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

use super::{
    queue::{Envelope, QUEUE},
    run::run,
};
use crate::{
    app::App,
    db::{Database, DbError, Tx},
};

const CONCURRENCY: usize = 4;
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
pub(super) async fn push(tx: &mut Tx, args: Vec<u8>, delay: Duration) -> Result<(), DbError> {
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
        Tx::Sqlite(tx) => apalis_sqlite::queries::push_tasks(&mut **tx, QUEUE, &[task])
            .await
            .map_err(|error| match error {
                apalis_sqlite::Error::Database(error) => error,
                error => DbError::Encode(error.into()),
            }),
        Tx::Postgres(tx) => apalis_postgres::queries::push_tasks(&mut **tx, QUEUE, vec![task])
            .await
            .map_err(|error| match error {
                apalis_postgres::Error::Database(error) => error,
                error => DbError::Encode(error.into()),
            }),
    }
}

/// Adds a worker that does the jobs; each of its lives has a `name` of its own.
pub(super) fn register(
    monitor: Monitor,
    app: App,
    name: impl Fn(usize) -> String + Send + Sync + 'static,
) -> Monitor {
    match app.db.clone() {
        Database::Sqlite { writer, .. } => monitor.register(move |restarts| {
            let config = apalis_sqlite::Config::default()
                .queue(QUEUE)
                .batch_size(CONCURRENCY)
                .heartbeat_interval(HEARTBEAT)
                .missed_heartbeats(MISSED_HEARTBEATS);
            let backend = SqliteStorage::<Envelope>::new(&writer)
                .with_config(config)
                .poll_with_strategy(Strategy::new().interval(POLL_EVERY));
            WorkerBuilder::new(name(restarts))
                .backend(backend)
                .data(app.clone())
                .concurrency(CONCURRENCY)
                .parallelize(tokio::spawn)
                .build(handle)
        }),
        Database::Postgres { pool, .. } => monitor.register(move |restarts| {
            let config = apalis_postgres::Config::default()
                .queue(QUEUE)
                .batch_size(CONCURRENCY)
                .heartbeat_interval(HEARTBEAT)
                .missed_heartbeats(MISSED_HEARTBEATS);
            let backend = PostgresStorage::<Envelope>::new(&pool)
                .with_config(config)
                .poll_with_strategy(Strategy::new().interval(POLL_EVERY));
            WorkerBuilder::new(name(restarts))
                .backend(backend)
                .data(app.clone())
                .concurrency(CONCURRENCY)
                .parallelize(tokio::spawn)
                .build(handle)
        }),
    }
}

async fn handle(envelope: Envelope, app: Data<App>) -> Result<(), BoxDynError> {
    run(&app, envelope).await.map_err(Into::into)
}
