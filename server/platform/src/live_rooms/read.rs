//! Shows one live room.

use axum::extract::State;
use livekit_protocol as proto;

use super::{
    error::LiveRoomError,
    model::{LiveRoom, LiveRoomName},
    place,
};
use crate::{
    accounts::SeesRooms,
    app::App,
    http::{Json, Path, Problem},
    livekit::InRegion,
    rooms::caller::Caller,
};

/// A live room.
#[utoipa::path(
    get, path = "/api/livekit/rooms/{name}", tag = "live-rooms", operation_id = "readLiveRoom",
    params(("name" = LiveRoomName, Path)),
    responses((status = 200, body = LiveRoom), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn read(
    State(app): State<App>,
    SeesRooms(current): SeesRooms,
    Path(name): Path<LiveRoomName>,
) -> Result<Json<LiveRoom>, Problem> {
    Ok(Json(apply(&app, &Caller::user(current), &name).await?))
}

async fn apply(app: &App, caller: &Caller, name: &LiveRoomName) -> Result<LiveRoom, LiveRoomError> {
    let place = place::find(app, name, caller).await?;
    let found = place.livekit(app).find_room(&place.name, app.now()).await?;
    show(
        app,
        caller,
        place.region(app),
        found.ok_or(LiveRoomError::NotLive)?,
    )
    .await
}

/// What LiveKit says of a room, beside what is on record.
pub(super) async fn show(
    app: &App,
    caller: &Caller,
    here: InRegion<'_>,
    room: proto::Room,
) -> Result<LiveRoom, LiveRoomError> {
    let names = [room.name.as_str()].into_iter();
    let site_room = place::on_record(app, names, caller)
        .await?
        .remove(&room.name);
    Ok(LiveRoom::from_livekit(room, site_room, here.name))
}
