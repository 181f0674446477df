//! Lists the dispatches of a room; for administrators.

use axum::extract::State;

use super::dispatch::AgentDispatch;
use crate::{
    accounts::SeesSite,
    app::App,
    http::{Json, Problem, Query, SiteAddress},
    rooms::named::{self, OneRoom},
};

/// The dispatches of a room; none where it is not live.
#[utoipa::path(
    get, path = "/api/agents/dispatches", tag = "agents", operation_id = "listAgentDispatches",
    params(OneRoom),
    responses(
        (status = 200, body = Vec<AgentDispatch>),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(
    State(app): State<App>,
    _: SeesSite,
    site: SiteAddress,
    Query(query): Query<OneRoom>,
) -> Result<Json<Vec<AgentDispatch>>, Problem> {
    let room = named::find(&app, &site, "room", &query.room).await?;
    let dispatches = app.livekit.agent_dispatches(&room, app.now()).await?;
    Ok(Json(
        dispatches.into_iter().map(AgentDispatch::from).collect(),
    ))
}
