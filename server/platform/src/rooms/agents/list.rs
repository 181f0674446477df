//! Lists the agents that come into one room's calls; for those who see the site.

use axum::extract::State;

use super::RoomAgent;
use crate::{
    accounts::SeesSite,
    app::App,
    http::{Json, Path, Problem},
    rooms::{Slug, caller::Caller, store, view},
};

/// The agents that come into every call of a room, in the order in which they were added.
#[utoipa::path(
    get, path = "/api/rooms/{slug}/agents", tag = "agents", operation_id = "listRoomAgents",
    params(("slug" = Slug, Path)),
    responses((status = 200, body = Vec<RoomAgent>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list(
    State(app): State<App>,
    _: SeesSite,
    caller: Caller,
    Path(slug): Path<Slug>,
) -> Result<Json<Vec<RoomAgent>>, Problem> {
    let found = view::find(&app, &slug, &caller).await?;
    let room = found.ok_or_else(|| Problem::not_found("room"))?.room;
    let rows = store::agents(&app.db, room.id).await?;
    Ok(Json(rows.into_iter().map(RoomAgent::from).collect()))
}
