//! Durable background work; the only module that knows apalis and reads its tables.
//! A job is ids plus a name, is enqueued in the transaction that makes it necessary, and is safe
//! to run twice. It must not know which jobs there are: `background` lists them.

mod backend;
mod queue;
mod registry;
mod run;
mod store;
mod ticker;
mod worker;

use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

pub use backend::migrate;
pub use queue::JobQueue;
pub use registry::Registry;
pub use store::purge;
pub use ticker::tick;
pub use worker::work;

use crate::{app::App, db::DbError};

/// One kind of background work.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its name in the queue; never changes once released.
    const NAME: &'static str;

    /// Does it. Must be safe to run twice.
    fn run(self, app: &App) -> impl Future<Output = Result<(), JobError>> + Send;
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

impl From<DbError> for JobError {
    fn from(error: DbError) -> JobError {
        JobError::Retry(error.to_string())
    }
}
