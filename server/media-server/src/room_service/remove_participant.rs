//! RemoveParticipant: the participant leaves with PARTICIPANT_REMOVED and its older tokens stop working.

use livekit_wire::{
    RoomName,
    proto::{RemoveParticipantResponse, RoomParticipantIdentity},
    twirp::TwirpError,
};

use super::{errors::twirp_error, get_participant::participant, grants::Grants};
use crate::http::App;

pub(super) async fn remove_participant(
    app: &App,
    grants: &Grants,
    request: RoomParticipantIdentity,
) -> Result<RemoveParticipantResponse, TwirpError> {
    grants.ensure_admin(&request.room)?;
    let room = RoomName::new(request.room);
    let identity = participant(request.identity)?;
    app.engine
        .remove_participant(&room, identity, request.revoke_token_ts)
        .await
        .map_err(twirp_error)?;
    Ok(RemoveParticipantResponse {})
}
