//! Lists audit records, newest first.

use axum::extract::State;

use super::{AuditRecord, store};
use crate::{
    app::App,
    auth::Admin,
    http::{Json, Page, PageQuery, Problem, Query},
    rooms::RoomId,
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
    _admin: Admin,
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

/// The page of one room's audit records; whoever calls it has checked that the caller may see them.
pub async fn list_of_room(
    app: &App,
    room: RoomId,
    query: &PageQuery,
) -> Result<Page<AuditRecord>, Problem> {
    let rows = store::list_of_room(&app.db, room, &query.before()?, query.fetch()).await?;
    Ok(Page::new(
        query,
        rows,
        |row| row.id.to_string(),
        AuditRecord::from,
    ))
}
