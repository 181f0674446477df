//! Takes a dispatch back; for administrators.

use axum::extract::State;
use http::StatusCode;

use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Dispatched, Happening},
    http::{Path, Problem, Query, SiteAddress},
    livekit::LiveKitError,
    rooms::named::{self, OneRoom},
};

/// Takes a dispatch back: its jobs end, and agents that stay are sent out.
#[utoipa::path(
    delete, path = "/api/agents/dispatches/{id}", tag = "agents", operation_id = "deleteAgentDispatch",
    params(("id" = String, Path), OneRoom),
    responses(
        (status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn delete(
    State(app): State<App>,
    Admin(admin): Admin,
    site: SiteAddress,
    Path(id): Path<String>,
    Query(query): Query<OneRoom>,
) -> Result<StatusCode, Problem> {
    let room = named::find(&app, &site, "room", &query.room).await?;
    let deleted = app.livekit.delete_agent_dispatch(&room, &id, app.now());
    deleted.await.map_err(|error| match error {
        LiveKitError::NotFound => Problem::not_found("dispatch in this room"),
        error => error.into(),
    })?;
    let happening = Happening::AgentDispatchDeleted(Dispatched {
        id: &id,
        agent_name: "",
        room: &room.0,
    });
    let by = Actor::user(&admin.user);
    happenings::tell_alone(&app, Some(&by), None, &happening).await?;
    Ok(StatusCode::NO_CONTENT)
}
