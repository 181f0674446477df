//! UpdateParticipant: name, metadata, attributes, permission.

use livekit_wire::{
    Identity, RoomName,
    proto::{ParticipantInfo, UpdateParticipantRequest},
    twirp::TwirpError,
};

use super::{errors::twirp_error, get_participant::participant, grants::Grants, sizes};
use crate::{
    app::App,
    ground::{Now, RoomError},
    room::Room,
};

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
    app.rooms
        .on_room(&room, move |room, now| {
            update(room, &identity, &request, now)
        })
        .await
        .map_err(twirp_error)
}

pub(crate) fn update(
    room: &mut Room,
    identity: &Identity,
    request: &UpdateParticipantRequest,
    now: Now,
) -> Result<ParticipantInfo, RoomError> {
    let key = room.key_of(identity.as_str())?;
    let (name, metadata, attributes) = (&request.name, &request.metadata, &request.attributes);
    room.check_claims(key, name, metadata, attributes)?;
    room.update_claims(key, name, metadata, attributes, now);
    if let Some(permission) = &request.permission {
        room.set_permission(key, permission, now);
    }
    room.info_of(key)
}
