//! GetParticipant.

use livekit_wire::{
    Identity, RoomName,
    proto::{ParticipantInfo, RoomParticipantIdentity},
    twirp::TwirpError,
};

use super::{errors::twirp_error, grants::Grants};
use crate::{app::App, ground::RoomError, room::Room};

pub(super) async fn get_participant(
    app: &App,
    grants: &Grants,
    request: RoomParticipantIdentity,
) -> Result<ParticipantInfo, TwirpError> {
    grants.ensure_admin(&request.room)?;
    let room = RoomName::new(request.room);
    let identity = participant(request.identity)?;
    app.rooms
        .on_room(&room, move |room, _| find(room, &identity))
        .await
        .map_err(twirp_error)
}

/// Nobody has an empty identity.
pub(super) fn participant(identity: String) -> Result<Identity, TwirpError> {
    Identity::parse(identity).map_err(|_| twirp_error(RoomError::ParticipantNotFound))
}

pub(crate) fn find(room: &Room, identity: &Identity) -> Result<ParticipantInfo, RoomError> {
    room.info_of(room.key_of(identity.as_str())?)
}
