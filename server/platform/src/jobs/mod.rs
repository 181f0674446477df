//! Durable background work; the only module that knows apalis and reads its tables.
//! A job is ids plus a name, is enqueued in the transaction that makes it necessary, and is safe
//! to run twice. It must not know which jobs there are: `background` lists them.

mod backend;
mod overview;
mod queue;
mod registry;
mod retry;
mod run;
mod store;
mod ticker;
mod worker;

use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

pub use backend::migrate;
pub use overview::{JobsOverview, overview};
pub use queue::{JobQueue, Queue};
pub use registry::Registry;
pub use retry::Retry;
pub use store::{counted, purge};
pub use ticker::tick;
pub use worker::work;

use crate::{app::App, db::DbError, livekit::LiveKitError};

/// One kind of background work.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its name in the queue; never changes once released.
    const NAME: &'static str;

    /// Where it waits for its turn.
    const QUEUE: Queue = Queue::Usual;

    /// How often it is tried, and how far apart.
    const RETRY: Retry = Retry::HOURS_3;

    /// Does it. Must be safe to run twice. `stop` is cancelled when the process is about to end: what takes longer than
    /// a few seconds saves what it has then, and queues the rest.
    fn run(
        self,
        app: &App,
        stop: &CancellationToken,
    ) -> impl Future<Output = Result<(), JobError>> + Send;
}

/// How a job fails.
#[derive(Debug, Error)]
pub enum JobError {
    /// Worth another try, later and later.
    #[error("{0}")]
    Retry(String),
    /// No try can succeed.
    #[error("{0}")]
    GiveUp(String),
}

impl From<LiveKitError> for JobError {
    fn from(error: LiveKitError) -> JobError {
        JobError::Retry(error.to_string())
    }
}

impl From<DbError> for JobError {
    fn from(error: DbError) -> JobError {
        JobError::Retry(error.to_string())
    }
}
