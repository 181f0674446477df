//! Finds the code for a job by its name.

use std::collections::HashMap;

use futures::{FutureExt, future::BoxFuture};
use serde_json::Value;

use super::{Job, JobError};
use crate::app::App;

type Run = fn(App, Value) -> BoxFuture<'static, Result<(), JobError>>;

/// The kinds of jobs that this server can do.
#[derive(Default)]
pub struct Registry(HashMap<&'static str, Run>);

impl Registry {
    /// Adds a kind of job.
    pub fn with<J: Job>(mut self) -> Registry {
        self.0.insert(J::NAME, |app, payload| {
            async move {
                let job: J = serde_json::from_value(payload)
                    .map_err(|error| JobError::GiveUp(format!("unreadable payload: {error}")))?;
                job.run(&app).await
            }
            .boxed()
        });
        self
    }

    pub(super) async fn run(&self, app: &App, name: &str, payload: Value) -> Result<(), JobError> {
        match self.0.get(name) {
            Some(run) => run(app.clone(), payload).await,
            // A newer replica may have queued it; one that knows it will do it.
            None => Err(JobError::Retry(format!("no job is called {name}"))),
        }
    }
}
