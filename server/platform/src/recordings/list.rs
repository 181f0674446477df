//! Lists a room's recordings.

use std::collections::HashMap;

use axum::extract::State;

use super::{
    model::Recording,
    store::{self, Filter},
    view,
};
use crate::{
    app::App,
    http::{Json, Page, PageQuery, Path, Problem, Query},
    rooms::{self, Slug, caller::Caller, view as room_view},
};

/// A room's recordings, newest first; for who moderates it.
#[utoipa::path(
    get, path = "/api/rooms/{slug}/recordings", tag = "recordings", operation_id = "listRoomRecordings",
    params(("slug" = Slug, Path), PageQuery),
    responses((status = 200, body = Page<Recording>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<Slug>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Recording>>, Problem> {
    let room = room_view::find_moderated(&app, &slug, &caller).await?.room;
    let mut reads = app.db.reads().await?;
    let (before, filter) = (page.before()?, Filter::none());
    let rows = store::of_rooms(&mut reads, &[room.id], &filter, &before, page.fetch()).await?;
    let standings: HashMap<_, _> = rooms::standings(&mut reads, &[room.id], &caller).await?;
    let listed = Page::new(
        &page,
        rows,
        |row| row.recording.id.to_string(),
        |row| view::show_all(&app, row, &standings, &caller),
    );
    Ok(Json(listed.flatten()))
}
