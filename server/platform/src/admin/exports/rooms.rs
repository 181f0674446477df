//! Every room that a list shows, as a file.

use axum::{extract::State, response::Response};

use super::tell;
use crate::{
    accounts::SeesRooms,
    app::App,
    http::{
        Column, ExportQuery, Problem, Query, SiteAddress, column, export as export_list, moment,
    },
    rooms::{self, ListAllRooms, caller::Caller, view::Room},
};

const COLUMNS: [Column; 12] = [
    column("id", "/id"),
    column("link", "/slug"),
    column("name", "/name"),
    column("owner_id", "/owner/id"),
    column("owner", "/owner/name"),
    column("access", "/access"),
    column("guests_allowed", "/guests_allowed"),
    column("max_participants", "/max_participants"),
    column("locked", "/locked"),
    column("live_participants", "/live/participants"),
    moment("created_at", "/created_at"),
    moment("last_call_at", "/last_call_at"),
];

/// The rooms of `GET /api/admin/rooms`, all pages of them.
#[utoipa::path(
    get, path = "/api/admin/rooms/export", tag = "admin", operation_id = "exportRooms",
    params(ListAllRooms, ExportQuery),
    responses((status = 200, content((Vec<Room> = "application/json"), (String = "text/csv"))),
        (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn export(
    State(app): State<App>,
    site: SiteAddress,
    SeesRooms(who): SeesRooms,
    Query(filter): Query<ListAllRooms>,
    Query(ExportQuery { format }): Query<ExportQuery>,
) -> Result<Response, Problem> {
    tell(&app, &who, "rooms", format, &filter).await?;
    let now = app.now();
    let caller = Caller::user(who);
    export_list(("rooms", now), format, &COLUMNS, move |page| {
        let (app, caller) = (app.clone(), caller.clone());
        let (site, filter) = (site.clone(), filter.clone());
        async move { rooms::page(&app, &caller, &site, &filter, &page).await }
    })
    .await
}
