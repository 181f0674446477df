//! Lists the recordings of every room that the caller owns or moderates.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    model::{Recording, RecordingState},
    store::{self, Filter},
    view,
};
use crate::{
    accounts::CurrentUser,
    app::App,
    clock::Timestamp,
    db,
    http::{
        Json, Page, PageQuery, Problem, Query,
        openapi::{self, LONGEST_QUERY},
    },
    rooms::{self, RoomId, caller::Caller},
};

/// Which recordings are asked for.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListRecordings {
    /// Only this room's, by its id; also of a room that was deleted.
    #[garde(skip)]
    room: Option<RoomId>,
    #[garde(skip)]
    status: Option<RecordingState>,
    /// Part of a title.
    #[garde(length(chars, max = LONGEST_QUERY))]
    #[param(schema_with = openapi::query)]
    q: Option<String>,
    /// Asked for at this moment or later.
    #[garde(skip)]
    from: Option<Timestamp>,
    /// Asked for before this moment.
    #[garde(skip)]
    to: Option<Timestamp>,
}

impl ListRecordings {
    pub fn filter(&self) -> Filter {
        let all = Filter::none();
        Filter {
            state: self.status.map_or("", RecordingState::as_str),
            matching: db::contains(self.q.as_deref().unwrap_or_default()),
            from: self.from.unwrap_or(all.from),
            to: self.to.unwrap_or(all.to),
        }
    }
}

/// The recordings of the caller's rooms, newest first: those that they own or moderate, also deleted ones.
#[utoipa::path(
    get, path = "/api/recordings", tag = "recordings", operation_id = "listRecordings",
    params(ListRecordings, PageQuery),
    responses((status = 200, body = Page<Recording>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list_own(
    State(app): State<App>,
    current: CurrentUser,
    Query(wanted): Query<ListRecordings>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Recording>>, Problem> {
    let caller = Caller::user(current);
    let mut reads = app.db.reads().await?;
    let mut of = rooms::moderated(&mut reads, &caller).await?;
    if let Some(room) = wanted.room {
        of.retain(|own| *own == room);
    }
    let (before, filter) = (page.before()?, wanted.filter());
    let rows = store::of_rooms(&mut reads, &of, &filter, &before, page.fetch()).await?;
    let mut shown: Vec<RoomId> = rows.iter().map(|row| row.recording.room_id).collect();
    shown.sort_unstable();
    shown.dedup();
    let standings = rooms::standings(&mut reads, &shown, &caller).await?;
    let listed = Page::new(
        &page,
        rows,
        |row| row.recording.id.to_string(),
        |row| view::show_all(&app, row, &standings, &caller),
    );
    Ok(Json(listed.flatten()))
}
