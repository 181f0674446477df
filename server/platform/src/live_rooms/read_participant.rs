//! Shows one participant of a live room.

use axum::extract::State;

use super::{
    model::{LiveParticipant, LiveRoomName},
    place,
};
use crate::{
    accounts::SeesRooms,
    app::App,
    http::{Json, Path, Problem},
    livekit::identity::Identity,
    rooms::caller::Caller,
};

/// A participant as the media server has them.
#[utoipa::path(
    get, path = "/api/livekit/rooms/{name}/participants/{identity}", tag = "live-rooms",
    operation_id = "readLiveParticipant",
    params(("name" = LiveRoomName, Path), ("identity" = Identity, Path)),
    responses((status = 200, body = LiveParticipant), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn read_participant(
    State(app): State<App>,
    SeesRooms(current): SeesRooms,
    Path((name, identity)): Path<(LiveRoomName, Identity)>,
) -> Result<Json<LiveParticipant>, Problem> {
    let caller = Caller::user(current);
    let place = place::find(&app, &name, &caller).await?;
    let info = place::participant(&app, &place, &identity).await?;
    let reach = place.reach(&app, &caller).await?;
    Ok(Json(LiveParticipant::new(&info, &reach)))
}
