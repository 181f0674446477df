//! MutePublishedTrack: mutes, and unmutes where the configuration allows it.

use livekit_wire::{
    Identity, RoomName, TrackSid,
    proto::{MuteRoomTrackRequest, MuteRoomTrackResponse, TrackInfo},
    twirp::TwirpError,
};

use super::{errors::twirp_error, get_participant::participant, grants::Grants};
use crate::{
    app::App,
    ground::{Now, RoomError},
    room::Room,
};

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
        .rooms
        .on_room(&room, move |room, now| {
            mute(room, &identity, &track_sid, request.muted, now)
        })
        .await
        .map_err(twirp_error)?;
    Ok(MuteRoomTrackResponse { track: Some(track) })
}

pub(crate) fn mute(
    room: &mut Room,
    identity: &Identity,
    sid: &TrackSid,
    muted: bool,
    now: Now,
) -> Result<TrackInfo, RoomError> {
    let key = room.key_of(identity.as_str())?;
    if !muted && !room.allows_remote_unmute() {
        return Err(RoomError::RemoteUnmuteDisabled);
    }
    let info = room
        .set_muted(key, sid.as_str(), muted, now)
        .ok_or(RoomError::TrackNotFound)?;
    room.tell_to_mute(key, sid, muted);
    Ok(info)
}
