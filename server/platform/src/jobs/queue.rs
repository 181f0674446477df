//! Puts jobs into the queue, in the transaction that makes them necessary.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Job, Registry, backend};
use crate::{
    app::App,
    db::{DbError, Tx},
};

/// Where a job waits for its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// What takes moments.
    Usual,
    /// What moves large files: it must not keep the others waiting.
    Transfers,
}

impl Queue {
    pub(super) const ALL: [Queue; 2] = [Queue::Usual, Queue::Transfers];

    /// Its name in apalis' tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Queue::Usual => "convoke",
            Queue::Transfers => "convoke-transfers",
        }
    }

    /// How many of its jobs run at once.
    pub(super) fn concurrency(self) -> usize {
        match self {
            Queue::Usual => 4,
            Queue::Transfers => 2,
        }
    }
}

/// What lies in the queue: the job's name and ids, and how often it was tried before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Envelope {
    pub name: String,
    pub payload: Value,
    #[serde(default)]
    pub attempt: u32,
}

/// Takes jobs, and knows how to do them.
pub struct JobQueue {
    pub(super) registry: Registry,
    /// Workers that are at work in this process: one for each queue, but while it waits to start again.
    pub(super) workers: AtomicUsize,
}

impl JobQueue {
    pub fn new(registry: Registry) -> JobQueue {
        JobQueue {
            registry,
            workers: AtomicUsize::new(0),
        }
    }

    /// Queues `job` to run as soon as `tx` is committed.
    pub async fn enqueue<J: Job>(&self, tx: &mut Tx, job: &J) -> Result<(), DbError> {
        self.enqueue_after(tx, job, Duration::ZERO).await
    }

    /// Queues `job` to run so long after `tx` is committed.
    pub async fn enqueue_after<J: Job>(
        &self,
        tx: &mut Tx,
        job: &J,
        delay: Duration,
    ) -> Result<(), DbError> {
        push(tx, J::QUEUE, &envelope(job)?, delay).await
    }

    /// Whether this process works on the queue.
    pub fn is_working(&self) -> bool {
        self.workers.load(Ordering::Relaxed) == Queue::ALL.len()
    }

    /// Whether jobs that are due lie in the queue for longer than a minute: nobody works on it.
    pub async fn is_stuck(&self, app: &App) -> Result<bool, DbError> {
        super::store::has_overdue(&app.db, Duration::from_mins(1)).await
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

/// Queues `envelope` to run after `delay`.
pub(super) async fn push(
    tx: &mut Tx,
    queue: Queue,
    envelope: &Envelope,
    delay: Duration,
) -> Result<(), DbError> {
    let args = serde_json::to_vec(envelope).map_err(|error| DbError::Encode(error.into()))?;
    backend::push(tx, queue, args, delay).await
}
