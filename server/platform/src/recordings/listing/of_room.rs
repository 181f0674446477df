//! Lists a room's recordings.

use axum::extract::State;

use super::{Whose, order::OrderQuery, store::Filter};
use crate::{
    app::App,
    http::{Json, Page, PageQuery, Path, Problem, Query},
    recordings::model::Recording,
    rooms::{Slug, caller::Caller, view as room_view},
};

/// A room's recordings, newest first when nothing else is asked; for who moderates it.
#[utoipa::path(
    get, path = "/api/rooms/{slug}/recordings", tag = "recordings", operation_id = "listRoomRecordings",
    params(("slug" = Slug, Path), OrderQuery, PageQuery),
    responses((status = 200, body = Page<Recording>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<Slug>,
    Query(order): Query<OrderQuery>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Recording>>, Problem> {
    let found = room_view::find_seen(&app, &slug, &caller).await?;
    if !found.viewer(&caller).sees_recordings() {
        return Err(Problem::forbidden(
            "Only the room's moderators get its recordings.",
        ));
    }
    let room = found.room;
    let mut reads = app.db.reads().await?;
    let (of, all) = (Whose::Room(room.id), Filter::none());
    let page = super::page(&app, &mut reads, &caller, of, &all, &query, &order).await?;
    Ok(Json(page))
}
