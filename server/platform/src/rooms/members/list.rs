//! Lists a room's members.

use axum::extract::State;

use super::{Member, named};
use crate::{
    app::App,
    http::{Json, Page, PageQuery, Path, Problem, Query},
    rooms::{Slug, caller::Caller, store, view},
};

/// A room's members, in the order of their accounts.
#[utoipa::path(
    get, path = "/api/rooms/{slug}/members", tag = "rooms", operation_id = "listMembers",
    params(("slug" = Slug, Path), PageQuery),
    responses((status = 200, body = Page<Member>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<Slug>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Member>>, Problem> {
    let room = view::find_with_members(&app, &slug, &caller).await?.room;
    let rows = store::members(&app.db, room.id, &page.after()?, page.fetch()).await?;
    let members = named(&app.db, &rows).await?;
    let key = |member: &Member| member.user_id.to_string();
    Ok(Json(Page::new(&page, members, key, |member| member)))
}
