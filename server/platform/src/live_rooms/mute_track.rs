//! Mutes one track in a live room.

use axum::extract::State;
use http::StatusCode;

use super::{error::LiveRoomError, model::LiveRoomName, place};
use crate::{
    accounts::ModeratesRooms,
    app::App,
    happenings::{self, Attendee, Happening},
    http::{Path, Problem},
    livekit::{identity::Identity, track::TrackSource},
    participants,
    rooms::caller::Caller,
};

/// Mutes a track. In a room of the site every track of that source of that person is muted, on all their devices.
#[utoipa::path(
    post, path = "/api/livekit/rooms/{name}/participants/{identity}/tracks/{sid}/mute",
    tag = "live-rooms", operation_id = "muteLiveTrack",
    params(("name" = LiveRoomName, Path), ("identity" = Identity, Path), ("sid" = String, Path)),
    responses((status = 204), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn mute_track(
    State(app): State<App>,
    ModeratesRooms(current): ModeratesRooms,
    Path((name, identity, sid)): Path<(LiveRoomName, Identity, String)>,
) -> Result<StatusCode, Problem> {
    let caller = Caller::user(current);
    let place = place::find(&app, &name, &caller).await?;
    let info = place::participant(&app, &place, &identity).await?;
    let track = info.tracks.iter().find(|track| track.sid == sid);
    let source = TrackSource::of(track.ok_or(LiveRoomError::NoTrack)?);
    if let Some(own) = &place.own {
        participants::mute_source(&app, &caller, &own.slug, identity, source).await?;
        return Ok(StatusCode::NO_CONTENT);
    }
    place
        .livekit(&app)
        .mute_track(&place.name, &identity, &sid, app.now())
        .await
        .map_err(LiveRoomError::Media)?;
    let muted = Happening::LiveTrackMuted {
        room: &place.name.0,
        who: Attendee {
            identity: &identity,
            name: &info.name,
        },
        source,
    };
    happenings::tell_alone(&app, Some(&caller.actor()), None, &muted).await?;
    Ok(StatusCode::NO_CONTENT)
}
