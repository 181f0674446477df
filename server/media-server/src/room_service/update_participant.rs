//! UpdateParticipant: name, metadata, attributes, permission.

use livekit_wire::{
    RoomName,
    proto::{ParticipantInfo, UpdateParticipantRequest},
    twirp::TwirpError,
};

use super::{errors::twirp_error, get_participant::participant, grants::Grants, sizes};
use crate::http::App;

pub(super) async fn update_participant(
    app: &App,
    grants: &Grants,
    request: UpdateParticipantRequest,
) -> Result<ParticipantInfo, TwirpError> {
    sizes::check_name(&app.limit, &request.name)?;
    sizes::check_metadata(&app.limit, &request.metadata)?;
    sizes::check_attributes(&app.limit, &request.attributes)?;
    grants.ensure_admin(&request.room)?;
    let room = RoomName::new(request.room.as_str());
    let identity = participant(request.identity.clone())?;
    app.engine
        .update_participant(&room, identity, request)
        .await
        .map_err(twirp_error)
}
