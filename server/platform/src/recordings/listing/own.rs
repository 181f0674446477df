//! Lists the recordings of every room that the caller owns or moderates.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Whose, order::OrderQuery, store::Filter};
use crate::{
    accounts::CurrentUser,
    app::App,
    clock::Timestamp,
    db,
    http::{
        Json, Page, PageQuery, Problem, Query,
        openapi::{self, LONGEST_QUERY},
    },
    recordings::model::{Recording, RecordingState},
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

/// The recordings of the caller's rooms, newest first when nothing else is asked: of those rooms that they own or moderate, also deleted ones.
#[utoipa::path(
    get, path = "/api/recordings", tag = "recordings", operation_id = "listRecordings",
    params(ListRecordings, OrderQuery, PageQuery),
    responses((status = 200, body = Page<Recording>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list_own(
    State(app): State<App>,
    current: CurrentUser,
    Query(wanted): Query<ListRecordings>,
    Query(order): Query<OrderQuery>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Recording>>, Problem> {
    let own = Whose::Own(current.user.id);
    let caller = Caller::user(current);
    let mut reads = app.db.reads().await?;
    let of = match wanted.room {
        None => own,
        Some(room) => {
            let standings = rooms::standings(&mut reads, &[room], &caller).await?;
            if !standings
                .get(&room)
                .is_some_and(|room| room.viewer.role.moderates())
            {
                return Ok(Json(Page::empty()));
            }
            Whose::Room(room)
        }
    };
    let filter = wanted.filter();
    let page = super::page(&app, &mut reads, &caller, of, &filter, &query, &order).await?;
    Ok(Json(page))
}
