//! Runs one job and decides what becomes of a failed one: tried again later and later, or given up.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use tokio_util::sync::CancellationToken;

use super::{
    JobError, Queue,
    queue::{Envelope, push},
};
use crate::{app::App, db::DbError};

/// Runs the job in `envelope`. An error is the database's: apalis then tries the same row again.
pub(super) async fn run(
    app: &App,
    queue: Queue,
    envelope: Envelope,
    stop: &CancellationToken,
) -> Result<(), DbError> {
    let Envelope {
        name,
        payload,
        attempt,
    } = envelope.clone();
    // apalis' own panic layer leaves the row "Running" for ever.
    let outcome = AssertUnwindSafe(app.jobs.registry.run(app, &name, payload, stop))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(JobError::Retry("the job panicked".to_owned())));
    let delay = app.jobs.registry.retry(&name).delay_after(attempt);
    match (outcome, delay) {
        (Ok(()), _) => Ok(()),
        (Err(JobError::Retry(cause)), Some(delay)) => {
            tracing::warn!(
                job = name,
                attempt,
                ?delay,
                cause,
                "job failed and is tried again"
            );
            // apalis would try again at once, or lose the delay when the process ends.
            let mut tx = app.db.begin().await?;
            push(
                &mut tx,
                queue,
                &Envelope {
                    attempt: attempt + 1,
                    ..envelope
                },
                delay,
            )
            .await?;
            tx.commit().await
        }
        (Err(JobError::Retry(cause) | JobError::GiveUp(cause)), _) => {
            tracing::error!(job = name, attempt, cause, "job given up");
            Ok(())
        }
    }
}
