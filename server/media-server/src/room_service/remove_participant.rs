//! RemoveParticipant: the participant leaves with PARTICIPANT_REMOVED, and its tokens from before `revoke_token_ts` stop
//! working.

use livekit_wire::{
    Identity, RoomName,
    proto::{RemoveParticipantResponse, RoomParticipantIdentity},
    twirp::TwirpError,
};

use super::{errors::twirp_error, get_participant::participant, grants::Grants};
use crate::{app::App, ground::RoomError, participant::CloseReason, shard::Place};

pub(super) async fn remove_participant(
    app: &App,
    grants: &Grants,
    request: RoomParticipantIdentity,
) -> Result<RemoveParticipantResponse, TwirpError> {
    grants.ensure_admin(&request.room)?;
    let room = RoomName::new(request.room);
    let identity = participant(request.identity)?;
    app.rooms
        .at_place(&room, move |place| {
            remove(place, &identity, request.revoke_token_ts)
        })
        .await
        .map_err(twirp_error)?;
    Ok(RemoveParticipantResponse {})
}

/// A `revoke_token_ts` of 0 withdraws nothing: without being asked LiveKit lets a removed participant come back with any
/// good token.
pub(crate) fn remove(
    place: &mut Place<'_>,
    identity: &Identity,
    revoke_token_ts: i64,
) -> Result<(), RoomError> {
    if revoke_token_ts > 0 {
        place.revoke_tokens(identity.clone(), revoke_token_ts);
    }
    let now = place.now();
    let room = place.room().ok_or(RoomError::RoomNotFound)?;
    let key = room.key_of(identity.as_str())?;
    room.remove(key, CloseReason::Removed, now);
    Ok(())
}
