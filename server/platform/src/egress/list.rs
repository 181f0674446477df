//! Shows administrators what goes out of rooms, and what did within the last day.

use axum::extract::State;
use livekit_protocol as proto;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Egress, Known, goes_on};
use crate::{
    accounts::SeesSite,
    app::App,
    clock::Timestamp,
    http::{Json, Problem},
    recordings,
    rooms::named,
};

/// The newest are told of.
const MOST: usize = 500;

/// What the recorder knows of, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Egresses {
    items: Vec<Egress>,
    /// Whether there are older ones, which are not told.
    has_more: bool,
}

/// What goes out of rooms now, and what did as far as the recorder remembers: about a day.
#[utoipa::path(
    get, path = "/api/egress", tag = "egress", operation_id = "listEgress",
    responses(
        (status = 200, body = Egresses),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(State(app): State<App>, _: SeesSite) -> Result<Json<Egresses>, Problem> {
    let recorder = app.livekit.egress(app.recorder.as_ref());
    let mut found = recorder.list(false, app.now()).await?;
    found.sort_unstable_by(|one, other| {
        (other.started_at, &other.egress_id).cmp(&(one.started_at, &one.egress_id))
    });
    let has_more = found.len() > MOST;
    found.truncate(MOST);
    let items = show(&app, found).await?;
    Ok(Json(Egresses { items, has_more }))
}

/// These, with what is known of them here.
pub async fn show(app: &App, found: Vec<proto::EgressInfo>) -> Result<Vec<Egress>, Problem> {
    let now = app.now();
    let names = found.iter().map(|info| info.room_name.as_str());
    let links = named::links(app, names).await?;
    let ids = found.iter().map(|info| info.egress_id.as_str());
    let recordings = recordings::of_egresses(&app.db, ids).await?;
    // Only what goes on can be lost.
    let live = if found.iter().any(goes_on) {
        live_rooms(app, now).await
    } else {
        None
    };
    let known = Known {
        links: &links,
        recordings: &recordings,
        live: live.as_deref(),
        now,
    };
    let shown = found.into_iter().map(|info| Egress::new(info, &known));
    Ok(shown.collect())
}

/// The rooms that are there; who cannot be asked says nothing against any egress.
async fn live_rooms(app: &App, now: Timestamp) -> Option<Vec<String>> {
    match app.livekit.list_rooms(now).await {
        Ok(rooms) => Some(rooms.into_iter().map(|room| room.name).collect()),
        Err(error) => {
            tracing::debug!(%error, "rooms cannot be listed");
            None
        }
    }
}

/// One of them.
pub async fn one(app: &App, info: proto::EgressInfo) -> Result<Json<Egress>, Problem> {
    let mut shown = show(app, vec![info]).await?;
    shown
        .pop()
        .map(Json)
        .ok_or_else(|| Problem::not_found("egress"))
}
