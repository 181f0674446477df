//! Every meeting that a list shows, as a file.

use axum::{extract::State, response::Response};

use super::tell;
use crate::{
    accounts::SeesRooms,
    app::App,
    http::{Column, ExportQuery, Problem, Query, column, export as export_list, moment},
    meetings::{self, ListAllMeetings, SiteMeeting},
    rooms::caller::Caller,
};

const COLUMNS: [Column; 9] = [
    column("id", "/id"),
    column("room_id", "/room/id"),
    column("room_link", "/room/slug"),
    column("room", "/room/name"),
    moment("started_at", "/started_at"),
    moment("ended_at", "/ended_at"),
    column("seconds", "/seconds"),
    column("people", "/people"),
    column("recordings", "/recordings"),
];

/// The meetings of `GET /api/admin/meetings`, all pages of them.
#[utoipa::path(
    get, path = "/api/admin/meetings/export", tag = "admin", operation_id = "exportMeetings",
    params(ListAllMeetings, ExportQuery),
    responses((status = 200, content((Vec<SiteMeeting> = "application/json"), (String = "text/csv"))),
        (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn export(
    State(app): State<App>,
    SeesRooms(who): SeesRooms,
    Query(filter): Query<ListAllMeetings>,
    Query(ExportQuery { format }): Query<ExportQuery>,
) -> Result<Response, Problem> {
    tell(&app, &who, "meetings", format, &filter).await?;
    let now = app.now();
    let caller = Caller::user(who);
    export_list(("meetings", now), format, &COLUMNS, move |page| {
        let (app, caller, filter) = (app.clone(), caller.clone(), filter.clone());
        async move { meetings::page(&app, &caller, &filter, &page).await }
    })
    .await
}
