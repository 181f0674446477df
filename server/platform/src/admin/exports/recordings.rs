//! Every recording that a list shows, as a file; not the films.

use axum::{extract::State, response::Response};

use super::tell;
use crate::{
    accounts::SeesRecordings,
    app::App,
    http::{Column, ExportQuery, Problem, Query, column, export as export_list, moment},
    recordings::{self, AdminRecording, ListAllRecordings},
    rooms::caller::Caller,
};

const COLUMNS: [Column; 16] = [
    column("id", "/id"),
    column("title", "/title"),
    column("state", "/state"),
    column("room_id", "/room/id"),
    column("room_link", "/room/slug"),
    column("room", "/room/name"),
    column("started_by", "/started_by/name"),
    moment("requested_at", "/requested_at"),
    moment("started_at", "/started_at"),
    moment("ended_at", "/ended_at"),
    column("duration_ms", "/duration_ms"),
    column("size", "/size"),
    column("fault", "/fault"),
    column("attempts", "/attempts"),
    column("last_error", "/last_error"),
    moment("keep_until", "/keep_until"),
];

/// The recordings of `GET /api/admin/recordings`, all pages of them.
#[utoipa::path(
    get, path = "/api/admin/recordings/export", tag = "admin", operation_id = "exportRecordings",
    params(ListAllRecordings, ExportQuery),
    responses((status = 200, content((Vec<AdminRecording> = "application/json"), (String = "text/csv"))),
        (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn export(
    State(app): State<App>,
    SeesRecordings(who): SeesRecordings,
    Query(filter): Query<ListAllRecordings>,
    Query(ExportQuery { format }): Query<ExportQuery>,
) -> Result<Response, Problem> {
    tell(&app, &who, "recordings", format, &filter).await?;
    let now = app.now();
    let caller = Caller::user(who);
    export_list(("recordings", now), format, &COLUMNS, move |page| {
        let (app, caller, filter) = (app.clone(), caller.clone(), filter.clone());
        async move { recordings::page(&app, &caller, &filter, &page).await }
    })
    .await
}
