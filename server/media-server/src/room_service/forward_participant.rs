//! ForwardParticipant: a feature of LiveKit's cloud; the open server checks the call and says so.

use livekit_wire::{
    proto::{ForwardParticipantRequest, ForwardParticipantResponse},
    twirp::TwirpError,
};

use super::{grants::Grants, move_participant};
use crate::app::App;

pub(super) async fn forward_participant(
    _app: &App,
    grants: &Grants,
    request: ForwardParticipantRequest,
) -> Result<ForwardParticipantResponse, TwirpError> {
    move_participant::refuse(grants, &request.room, &request.destination_room)
}
