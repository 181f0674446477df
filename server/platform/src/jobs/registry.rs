//! Finds the code for a job by its name.

use std::collections::HashMap;

use futures::{FutureExt, future::BoxFuture};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Job, JobError, Retry};
use crate::app::App;

type Run = fn(App, Value, CancellationToken) -> BoxFuture<'static, Result<(), JobError>>;

/// One kind of job.
#[derive(Clone, Copy)]
struct Kind {
    run: Run,
    retry: Retry,
}

/// The kinds of jobs that this server can do.
#[derive(Default)]
pub struct Registry(HashMap<&'static str, Kind>);

impl Registry {
    /// Adds a kind of job.
    pub fn with<J: Job>(mut self) -> Registry {
        let run: Run = |app, payload, stop| {
            async move {
                let job: J = serde_json::from_value(payload)
                    .map_err(|error| JobError::GiveUp(format!("unreadable payload: {error}")))?;
                job.run(&app, &stop).await
            }
            .boxed()
        };
        let retry = J::RETRY;
        self.0.insert(J::NAME, Kind { run, retry });
        self
    }

    /// How a job with this name is tried again; of one that nobody here knows, a newer replica's, as usual.
    pub(super) fn retry(&self, name: &str) -> Retry {
        self.0.get(name).map_or(Retry::HOURS_3, |kind| kind.retry)
    }

    pub(super) async fn run(
        &self,
        app: &App,
        name: &str,
        payload: Value,
        stop: &CancellationToken,
    ) -> Result<(), JobError> {
        match self.0.get(name) {
            Some(kind) => (kind.run)(app.clone(), payload, stop.clone()).await,
            // A newer replica may have queued it; one that knows it will do it.
            None => Err(JobError::Retry(format!("no job is called {name}"))),
        }
    }
}
