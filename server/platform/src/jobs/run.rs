//! Runs one job and decides what becomes of a failed one: tried again later and later, or given up.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt;

use super::{
    JobError,
    queue::{Envelope, push},
};
use crate::{app::App, db::DbError};

// With the doubling delays this is about three hours.
const MOST_ATTEMPTS: u32 = 45;
const LONGEST_DELAY: Duration = Duration::from_mins(5);

/// Runs the job in `envelope`. An error is the database's: apalis then tries the same row again.
pub(super) async fn run(app: &App, envelope: Envelope) -> Result<(), DbError> {
    let Envelope {
        name,
        payload,
        attempt,
    } = envelope.clone();
    // apalis' own panic layer leaves the row "Running" for ever.
    let outcome = AssertUnwindSafe(app.jobs.registry.run(app, &name, payload))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(JobError::Retry("the job panicked".to_owned())));
    match outcome {
        Ok(()) => Ok(()),
        Err(JobError::Retry(cause)) if attempt + 1 < MOST_ATTEMPTS => {
            let delay = delay_after(attempt);
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
                &Envelope {
                    attempt: attempt + 1,
                    ..envelope
                },
                delay,
            )
            .await?;
            tx.commit().await
        }
        Err(JobError::Retry(cause) | JobError::GiveUp(cause)) => {
            tracing::error!(job = name, attempt, cause, "job given up");
            Ok(())
        }
    }
}

fn delay_after(attempt: u32) -> Duration {
    Duration::from_secs(1 << attempt.min(9)).min(LONGEST_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_five_minutes() {
        let seconds: Vec<u64> = (0..11)
            .map(|attempt| delay_after(attempt).as_secs())
            .collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    }
}
