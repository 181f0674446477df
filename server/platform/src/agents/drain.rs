//! Gives a worker no more jobs; for administrators.

use axum::extract::State;
use http::StatusCode;

use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening},
    http::{Path, Problem},
};

/// Gives a worker no more jobs, until it connects again. Those that it has go on.
#[utoipa::path(
    post, path = "/api/agents/workers/{id}/drain", tag = "agents", operation_id = "drainAgentWorker",
    params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn drain(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    app.livekit.drain_worker(&id, app.now()).await?;
    let happening = Happening::AgentWorkerDrained { worker: &id };
    let by = Actor::user(&admin.user);
    happenings::tell_alone(&app, Some(&by), None, &happening).await?;
    Ok(StatusCode::NO_CONTENT)
}
