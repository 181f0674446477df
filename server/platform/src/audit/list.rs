//! Lists audit records, newest first.

use axum::extract::State;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::{
    AuditRecord,
    store::{self, Wanted},
};
use crate::{
    accounts::{SeesSite, UserId},
    app::App,
    clock::Timestamp,
    http::{Json, Page, PageQuery, Path, Problem, Query, openapi},
    rooms::{Slug, caller::Caller, named, view},
};

/// Which records are wanted; all that is said must hold.
#[derive(Debug, Clone, Deserialize, Serialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// What was done, such as `room.created`.
    #[garde(length(chars, max = openapi::LONGEST_QUERY))]
    #[param(schema_with = openapi::query)]
    action: Option<String>,
    /// The account that did it.
    #[garde(skip)]
    user_id: Option<UserId>,
    /// The room that it was done in: by its link, or by its id where it is deleted.
    #[garde(length(chars, max = openapi::LONGEST_QUERY))]
    #[param(schema_with = openapi::query)]
    room: Option<String>,
    /// Not before.
    #[garde(skip)]
    from: Option<Timestamp>,
    /// Before.
    #[garde(skip)]
    to: Option<Timestamp>,
}

/// Audit records of this server.
#[utoipa::path(
    get, path = "/api/admin/audit", tag = "admin", operation_id = "listAuditRecords",
    params(AuditQuery, PageQuery),
    responses((status = 200, body = Page<AuditRecord>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn list(
    State(app): State<App>,
    _: SeesSite,
    Query(wanted): Query<AuditQuery>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<AuditRecord>>, Problem> {
    Ok(Json(page(&app, &wanted, &query).await?))
}

/// A page of these records.
pub async fn page(
    app: &App,
    wanted: &AuditQuery,
    query: &PageQuery,
) -> Result<Page<AuditRecord>, Problem> {
    let wanted = Wanted {
        from: wanted.from.map(first_id_at).unwrap_or_default(),
        before: match wanted.to.map(first_id_at) {
            Some(end) => end.min(query.before()?),
            None => query.before()?,
        },
        room: match &wanted.room {
            Some(text) if !text.is_empty() => named::sought(app, text).await?.0,
            _ => String::new(),
        },
        actor: wanted.user_id.map(|id| id.to_string()).unwrap_or_default(),
        action: wanted.action.clone().unwrap_or_default(),
    };
    let rows = store::list(&app.db, &wanted, query.fetch()).await?;
    Ok(Page::new(
        query,
        rows,
        |row| row.id.to_string(),
        AuditRecord::from,
    ))
}

/// What every id of this moment and later is not below (UUIDv7, RFC 9562).
pub(super) fn first_id_at(moment: Timestamp) -> String {
    // 48 bits of milliseconds; what does not fit is after the end of time or before its beginning.
    let last = (1_i64 << 48) - 1;
    let milliseconds = moment.0.clamp(0, last);
    format!(
        "{:08x}-{:04x}-0000-0000-000000000000",
        milliseconds >> 16,
        milliseconds & 0xffff
    )
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
