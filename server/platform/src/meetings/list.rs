//! Lists a room's meetings: who was there, when and how long.

use std::collections::HashMap;

use axum::extract::State;

use super::{
    model::{Meeting, MeetingId},
    store::{self, AttendanceRow},
    visits,
};
use crate::{
    app::App,
    http::{Json, Page, PageQuery, Path, Problem, Query},
    rooms::{Slug, caller::Caller, view},
};

/// A room's meetings, newest first.
#[utoipa::path(
    get, path = "/api/rooms/{slug}/meetings", tag = "meetings", operation_id = "listMeetings",
    params(("slug" = Slug, Path), PageQuery),
    responses((status = 200, body = Page<Meeting>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<Slug>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Meeting>>, Problem> {
    let room = view::find_seen(&app, &slug, &caller).await?.room;
    let rows = store::history(&app.db, room.id, &page.before()?, page.fetch()).await?;
    let mut stays: HashMap<MeetingId, Vec<AttendanceRow>> = HashMap::new();
    for stay in store::history_attendances(&app.db, rows.iter().map(|row| &row.id)).await? {
        stays.entry(stay.meeting_id).or_default().push(stay);
    }
    let now = app.now();
    let mut meetings = Page::new(
        &page,
        rows,
        |row| row.id.to_string(),
        |row| Meeting {
            id: row.id,
            sid: row.sid,
            started_at: row.started_at,
            ended_at: row.ended_at,
            attendances: Vec::new(),
        },
    );
    for meeting in &mut meetings.items {
        let stays = stays.remove(&meeting.id).unwrap_or_default();
        meeting.attendances = visits::merge(stays, now);
    }
    Ok(Json(meetings))
}
