//! MutePublishedTrack: mutes, and unmutes where the configuration allows it.

use livekit_wire::{
    RoomName, TrackSid,
    proto::{MuteRoomTrackRequest, MuteRoomTrackResponse},
    twirp::TwirpError,
};

use super::{errors::twirp_error, get_participant::participant, grants::Grants};
use crate::http::App;

pub(super) async fn mute_published_track(
    app: &App,
    grants: &Grants,
    request: MuteRoomTrackRequest,
) -> Result<MuteRoomTrackResponse, TwirpError> {
    grants.ensure_admin(&request.room)?;
    let room = RoomName::new(request.room);
    let identity = participant(request.identity)?;
    let track_sid = TrackSid::from_wire(request.track_sid);
    let track = app
        .engine
        .mute_published_track(&room, identity, track_sid, request.muted)
        .await
        .map_err(twirp_error)?;
    Ok(MuteRoomTrackResponse { track: Some(track) })
}
