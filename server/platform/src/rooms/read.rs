//! Shows one room to whoever has its link.

use axum::extract::State;

use super::{
    caller::Caller,
    model::Slug,
    view::{self, Room},
};
use crate::{
    app::App,
    http::{Json, Path, Problem},
};

/// One room, with the verdict whether the caller may join.
#[utoipa::path(
    get, path = "/api/rooms/{slug}", tag = "rooms", operation_id = "readRoom",
    params(("slug" = Slug, Path)),
    responses((status = 200, body = Room), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<Slug>,
) -> Result<Json<Room>, Problem> {
    let found = view::find(&app, &slug, &caller).await?;
    let room = found.ok_or_else(|| Problem::not_found("room"))?.room;
    Ok(Json(view::show(&app, room, &caller)))
}
