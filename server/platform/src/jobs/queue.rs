//! Puts jobs into the queue, in the transaction that makes them necessary.

use apalis_core::task::builder::TaskBuilder;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Job;
use crate::{
    clock::Timestamp,
    db::{DbError, Tx},
};

/// The queue's name in apalis' tables.
pub(super) const QUEUE: &str = "convoke";

/// What lies in the queue: the job's name and ids, and how often it was tried before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Envelope {
    pub name: String,
    pub payload: Value,
    #[serde(default)]
    pub attempt: u32,
}

/// Takes jobs.
pub struct JobQueue;

impl JobQueue {
    /// Queues `job` to run as soon as `tx` is committed.
    pub async fn enqueue<J: Job>(&self, tx: &mut Tx, job: &J) -> Result<(), DbError> {
        push(tx, &envelope(job)?, None).await
    }

    /// Queues `job` to run at `at` (to the second), once `tx` is committed.
    pub async fn enqueue_at<J: Job>(
        &self,
        tx: &mut Tx,
        job: &J,
        at: Timestamp,
    ) -> Result<(), DbError> {
        push(tx, &envelope(job)?, Some(at)).await
    }
}

fn envelope<J: Job>(job: &J) -> Result<Envelope, DbError> {
    let payload = serde_json::to_value(job).map_err(|error| DbError::Encode(error.into()))?;
    Ok(Envelope {
        name: J::NAME.to_owned(),
        payload,
        attempt: 0,
    })
}

pub(super) async fn push(
    tx: &mut Tx,
    envelope: &Envelope,
    at: Option<Timestamp>,
) -> Result<(), DbError> {
    let args = serde_json::to_vec(envelope).map_err(|error| DbError::Encode(error.into()))?;
    let mut task = TaskBuilder::new(args);
    if let Some(at) = at {
        task = task.run_at_timestamp(u64::try_from(at.as_seconds()).unwrap_or(0));
    }
    let task = task.build();
    match tx {
        Tx::Sqlite(tx) => apalis_sqlite::queries::push_tasks(&mut **tx, QUEUE, &[task])
            .await
            .map_err(|error| DbError::Encode(error.into())),
        Tx::Postgres(tx) => apalis_postgres::queries::push_tasks(&mut **tx, QUEUE, vec![task])
            .await
            .map_err(|error| DbError::Encode(error.into())),
    }
}
