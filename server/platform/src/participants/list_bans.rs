//! Lists a room's bans, newest first.

use axum::extract::State;

use super::ban::Ban;
use crate::{
    app::App,
    http::{Json, Page, PageQuery, Path, Problem, Query},
    moderation,
    rooms::{Slug, caller::Caller, view},
};

/// Who is banned from the room.
#[utoipa::path(
    get, path = "/api/rooms/{slug}/bans", tag = "participants", operation_id = "listBans",
    params(("slug" = Slug, Path), PageQuery),
    responses((status = 200, body = Page<Ban>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list_bans(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<Slug>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Ban>>, Problem> {
    let room = view::find_seen(&app, &slug, &caller).await?.room;
    let rows = moderation::bans(&app.db, room.id, &page.before()?, page.fetch()).await?;
    Ok(Json(Page::new(
        &page,
        rows,
        |row| row.id.to_string(),
        Ban::from,
    )))
}
