//! ListParticipants: nobody for an unknown room.

use livekit_wire::{
    RoomName,
    proto::{ListParticipantsRequest, ListParticipantsResponse, ParticipantInfo},
    twirp::TwirpError,
};

use super::{errors::twirp_error, grants::Grants};
use crate::{app::App, shard::Place};

pub(super) async fn list_participants(
    app: &App,
    grants: &Grants,
    request: ListParticipantsRequest,
) -> Result<ListParticipantsResponse, TwirpError> {
    grants.ensure_admin(&request.room)?;
    let room = RoomName::new(request.room);
    let participants = app
        .rooms
        .at_place(&room, |place| Ok(list(place)))
        .await
        .map_err(twirp_error)?;
    Ok(ListParticipantsResponse { participants })
}

pub(crate) fn list(place: &mut Place<'_>) -> Vec<ParticipantInfo> {
    place
        .room()
        .map(|room| room.participant_infos())
        .unwrap_or_default()
}
