//! MoveParticipant: a feature of LiveKit's cloud; the open server checks the call and says so.

use livekit_wire::{
    proto::{MoveParticipantRequest, MoveParticipantResponse},
    twirp::{Code, TwirpError},
};

use super::grants::Grants;
use crate::app::App;

pub(super) async fn move_participant(
    _app: &App,
    grants: &Grants,
    request: MoveParticipantRequest,
) -> Result<MoveParticipantResponse, TwirpError> {
    refuse(grants, &request.room, &request.destination_room)
}

/// The checks of the original, then its refusal.
pub(super) fn refuse<A>(grants: &Grants, room: &str, destination: &str) -> Result<A, TwirpError> {
    grants.ensure_destination(room, destination)?;
    if room == destination {
        let argument = "destination room cannot be the same as source room";
        return Err(TwirpError::invalid_argument(argument, ""));
    }
    Err(TwirpError::domain(Code::Unknown, "not implemented"))
}
