//! Lists who is in a live room: as the media server has them, and beside it by the site's record.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::LiveRoomError,
    model::{LiveParticipant, LiveRoomName, Recorded},
    place,
};
use crate::{
    accounts::SeesRooms,
    app::App,
    clock::Timestamp,
    http::{Json, Path, Problem},
    meetings,
    rooms::caller::Caller,
};

/// Everybody in a live room.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveParticipants {
    /// As the media server has them, in the order they came; also those that others do not see.
    items: Vec<LiveParticipant>,
    /// By the site's record; empty for rooms that programs made.
    recorded: Vec<Recorded>,
    /// When the media server was asked.
    asked_at: Timestamp,
    /// When this server last compared its record with the media server; `null`: not since it started.
    #[schema(required = true)]
    reconciled_at: Option<Timestamp>,
}

/// Who is in a live room; nobody, where it is not live.
#[utoipa::path(
    get, path = "/api/livekit/rooms/{name}/participants", tag = "live-rooms",
    operation_id = "listLiveParticipants",
    params(("name" = LiveRoomName, Path)),
    responses((status = 200, body = LiveParticipants), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn list_participants(
    State(app): State<App>,
    SeesRooms(current): SeesRooms,
    Path(name): Path<LiveRoomName>,
) -> Result<Json<LiveParticipants>, Problem> {
    Ok(Json(apply(&app, &Caller::user(current), &name).await?))
}

async fn apply(
    app: &App,
    caller: &Caller,
    name: &LiveRoomName,
) -> Result<LiveParticipants, LiveRoomError> {
    let place = place::find(app, name, caller).await?;
    let asked_at = app.now();
    let livekit = place.livekit(app);
    let mut infos = livekit.list_participants(&place.name, asked_at).await?;
    infos.sort_by(|a, b| {
        (a.joined_at_ms, a.joined_at, &a.identity).cmp(&(b.joined_at_ms, b.joined_at, &b.identity))
    });
    let reach = place.reach(app, caller).await?;
    let recorded = match &place.own {
        Some(own) => meetings::present(&app.db, own.id).await?,
        None => Vec::new(),
    };
    Ok(LiveParticipants {
        items: infos
            .iter()
            .map(|info| LiveParticipant::new(info, &reach))
            .collect(),
        recorded: recorded.into_iter().map(Recorded::from).collect(),
        asked_at,
        reconciled_at: app.reconciled.at(),
    })
}
