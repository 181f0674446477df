//! Lists the agents that come into calls, of all rooms; for those who see the site.

use axum::extract::State;

use super::RoomAgent;
use crate::{
    accounts::SeesSite,
    app::App,
    http::{Json, Page, PageQuery, Problem, Query},
    rooms::store,
};

/// Which agents come into every call of which rooms, the last added first.
#[utoipa::path(
    get, path = "/api/agents/rooms", tag = "agents", operation_id = "listAllRoomAgents", params(PageQuery),
    responses((status = 200, body = Page<RoomAgent>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list_all(
    State(app): State<App>,
    _: SeesSite,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<RoomAgent>>, Problem> {
    let rows = store::all_agents(&app.db, &page.before()?, page.fetch()).await?;
    let key = |row: &store::RoomAgentRow| row.id.to_string();
    Ok(Json(Page::new(&page, rows, key, RoomAgent::from)))
}
