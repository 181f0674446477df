//! Lists audit records, newest first.

use axum::extract::State;

use super::{AuditRecord, store};
use crate::{
    accounts::SeesSite,
    app::App,
    http::{Json, Page, PageQuery, Path, Problem, Query},
    rooms::{Slug, caller::Caller, view},
};

/// Every audit record of this server.
#[utoipa::path(
    get, path = "/api/admin/audit", tag = "admin", operation_id = "listAuditRecords",
    params(PageQuery),
    responses((status = 200, body = Page<AuditRecord>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn list(
    State(app): State<App>,
    _: SeesSite,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<AuditRecord>>, Problem> {
    let rows = store::list(&app.db, &query.before()?, query.fetch()).await?;
    Ok(Json(Page::new(
        &query,
        rows,
        |row| row.id.to_string(),
        AuditRecord::from,
    )))
}

/// One room's audit records, for those who moderate it.
#[utoipa::path(
    get, path = "/api/rooms/{slug}/audit", tag = "rooms", operation_id = "listRoomAuditRecords",
    params(("slug" = Slug, Path), PageQuery),
    responses((status = 200, body = Page<AuditRecord>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn list_of_room(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<Slug>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<AuditRecord>>, Problem> {
    let room = view::find_seen(&app, &slug, &caller).await?.room;
    let rows = store::list_of_room(&app.db, room.id, &query.before()?, query.fetch()).await?;
    Ok(Json(Page::new(
        &query,
        rows,
        |row| row.id.to_string(),
        AuditRecord::from,
    )))
}
