//! Sends somebody out of a live room.

use axum::extract::State;
use http::StatusCode;

use super::{
    error::LiveRoomError,
    model::LiveRoomName,
    place::{self, Place},
};
use crate::{
    accounts::ModeratesRooms,
    app::App,
    happenings::{self, Attendee, Happening},
    http::{Path, Problem},
    livekit::identity::Identity,
    participants,
    rooms::caller::Caller,
};

/// Sends a participant out. In a room of the site that is a kick, which holds against their token; whom a program let
/// into a room of its own may come back with it.
#[utoipa::path(
    delete, path = "/api/livekit/rooms/{name}/participants/{identity}", tag = "live-rooms",
    operation_id = "removeLiveParticipant",
    params(("name" = LiveRoomName, Path), ("identity" = Identity, Path)),
    responses((status = 204), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn remove_participant(
    State(app): State<App>,
    ModeratesRooms(current): ModeratesRooms,
    Path((name, identity)): Path<(LiveRoomName, Identity)>,
) -> Result<StatusCode, Problem> {
    let caller = Caller::user(current);
    let place = place::find(&app, &name, &caller).await?;
    match &place.own {
        Some(own) => participants::kick_out(&app, &caller, &own.slug, identity).await?,
        None => apply(&app, &caller, &place, &identity).await?,
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn apply(
    app: &App,
    caller: &Caller,
    place: &Place,
    identity: &Identity,
) -> Result<(), LiveRoomError> {
    let info = place::participant(app, place, identity).await?;
    place
        .livekit(app)
        .remove_participant(&place.name, identity, app.now())
        .await?;
    let removed = Happening::LiveParticipantRemoved {
        room: &place.name.0,
        who: Attendee {
            identity,
            name: &info.name,
        },
    };
    happenings::tell_alone(app, Some(&caller.actor()), None, &removed).await?;
    Ok(())
}
