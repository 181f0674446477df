//! The jobs as administrators see them.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    queue::Envelope,
    store::{self, JobRow},
};
use crate::{app::App, clock::Timestamp, db::DbError};

/// More are not shown.
const MOST: u32 = 200;

/// What waits or runs in the background.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobsOverview {
    /// Whether this process works on them.
    working: bool,
    /// Whether jobs that are due lie there for longer than a minute.
    stuck: bool,
    /// How many wait or run in all.
    open: i64,
    jobs: Vec<WaitingJob>,
}

/// A job that waits or runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingJob {
    id: String,
    name: String,
    queue: String,
    /// apalis' word: `Pending`, `Queued` or `Running`.
    status: String,
    /// How often it was tried before.
    attempt: u32,
    due_at: Timestamp,
    /// The ids that it is about.
    payload: Value,
}

/// What waits or runs, what is due first.
pub async fn overview(app: &App) -> Result<JobsOverview, DbError> {
    let rows = store::open(&app.db, MOST).await?;
    let counted = store::counted(&app.db).await?;
    Ok(JobsOverview {
        working: app.jobs.is_working(),
        stuck: app.jobs.is_stuck(app).await?,
        open: counted.iter().map(|(_, count)| count).sum(),
        jobs: rows.into_iter().map(shown).collect(),
    })
}

fn shown(row: JobRow) -> WaitingJob {
    let envelope: Option<Envelope> = serde_json::from_slice(&row.job).ok();
    let envelope = envelope.unwrap_or(Envelope {
        name: "unknown".to_owned(),
        payload: Value::Null,
        attempt: 0,
    });
    WaitingJob {
        id: row.id,
        name: envelope.name,
        queue: row.job_type,
        status: row.status,
        attempt: envelope.attempt,
        due_at: row.due_at,
        payload: envelope.payload,
    }
}
