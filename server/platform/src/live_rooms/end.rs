//! Ends a live room: everybody leaves.

use axum::extract::State;
use http::StatusCode;

use super::{error::LiveRoomError, model::LiveRoomName, place};
use crate::{
    accounts::ModeratesRooms,
    app::App,
    happenings::{self, Happening},
    http::{Path, Problem},
    livekit::LiveKitError,
    rooms::{self, caller::Caller},
};

/// Ends a live room. In a room of the site, tokens handed out before are worthless.
#[utoipa::path(
    delete, path = "/api/livekit/rooms/{name}", tag = "live-rooms", operation_id = "endLiveRoom",
    params(("name" = LiveRoomName, Path)),
    responses((status = 204), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn end(
    State(app): State<App>,
    ModeratesRooms(current): ModeratesRooms,
    Path(name): Path<LiveRoomName>,
) -> Result<StatusCode, Problem> {
    apply(&app, &Caller::user(current), &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn apply(app: &App, caller: &Caller, name: &LiveRoomName) -> Result<(), LiveRoomError> {
    let place = place::find(app, name, caller).await?;
    if let Some(own) = &place.own {
        return Ok(rooms::end_call(app, caller, own).await?);
    }
    match app.livekit.delete_room(&place.name, app.now()).await {
        Ok(()) => {}
        Err(LiveKitError::NotFound) => return Err(LiveRoomError::NotLive),
        Err(error) => return Err(error.into()),
    }
    let ended = Happening::LiveRoomEnded {
        name: &place.name.0,
    };
    happenings::tell_alone(app, Some(&caller.actor()), None, &ended).await?;
    Ok(())
}
