//! Ends an agent's job; for administrators.

use axum::extract::State;
use http::StatusCode;

use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening},
    http::{Path, Problem},
};

/// Ends a job: its worker is told, and an agent that stays for three seconds more is sent out.
#[utoipa::path(
    post, path = "/api/agents/jobs/{id}/end", tag = "agents", operation_id = "endAgentJob",
    params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn end(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    app.livekit.end_job(&id, app.now()).await?;
    let happening = Happening::AgentJobEnded { job: &id };
    let by = Actor::user(&admin.user);
    happenings::tell_alone(&app, Some(&by), None, &happening).await?;
    Ok(StatusCode::NO_CONTENT)
}
