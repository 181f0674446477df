//! Lists the caller's rooms: their own and those they are a member of.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    caller::Caller,
    store,
    view::{self, Room},
};
use crate::{
    app::App,
    auth::{Admin, CurrentUser},
    db,
    http::{Json, Page, PageQuery, Problem, Query},
};

/// Which rooms are asked for.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListRooms {
    /// Part of a name or slug.
    #[garde(length(chars, max = 200))]
    query: Option<String>,
}

/// The caller's rooms, newest first.
#[utoipa::path(
    get, path = "/api/rooms", tag = "rooms", operation_id = "listRooms",
    params(ListRooms, PageQuery),
    responses((status = 200, body = Page<Room>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list(
    State(app): State<App>,
    current: CurrentUser,
    Query(filter): Query<ListRooms>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Room>>, Problem> {
    let caller = Caller::user(current);
    let pattern = db::contains(filter.query.as_deref().unwrap_or_default());
    let rows = store::of_viewer(
        &app.db,
        caller.viewer(),
        &pattern,
        &page.before()?,
        page.fetch(),
    )
    .await?;
    let show = |room| view::show(&app, room, &caller);
    Ok(Json(Page::new(
        &page,
        rows,
        |room| room.id.to_string(),
        show,
    )))
}

/// Every room of this server, newest first.
#[utoipa::path(
    get, path = "/api/admin/rooms", tag = "admin", operation_id = "listAllRooms",
    params(ListRooms, PageQuery),
    responses((status = 200, body = Page<Room>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list_all(
    State(app): State<App>,
    Admin(current): Admin,
    Query(filter): Query<ListRooms>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Room>>, Problem> {
    let caller = Caller::user(current);
    let pattern = db::contains(filter.query.as_deref().unwrap_or_default());
    let rows = store::all(
        &app.db,
        caller.viewer(),
        &pattern,
        &page.before()?,
        page.fetch(),
    )
    .await?;
    let show = |room| view::show(&app, room, &caller);
    Ok(Json(Page::new(
        &page,
        rows,
        |room| room.id.to_string(),
        show,
    )))
}
