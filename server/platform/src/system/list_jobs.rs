//! Shows administrators what waits to be done in the background.

use axum::extract::State;

use crate::{
    accounts::SeesSite,
    app::App,
    http::{Json, Problem},
    jobs::{self, JobsOverview},
};

/// The jobs that wait or run, what is due first; at most 200. A job that was given up is in the log.
#[utoipa::path(
    get, path = "/api/admin/jobs", tag = "admin", operation_id = "listJobs",
    responses(
        (status = 200, body = JobsOverview),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(State(app): State<App>, _: SeesSite) -> Result<Json<JobsOverview>, Problem> {
    Ok(Json(jobs::overview(&app).await?))
}
