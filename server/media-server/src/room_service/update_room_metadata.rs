//! UpdateRoomMetadata: everybody in the room is told.

use livekit_wire::{
    RoomName,
    proto::{Room, UpdateRoomMetadataRequest},
    twirp::TwirpError,
};

use super::{errors::twirp_error, grants::Grants, sizes};
use crate::{app::App, room};

pub(super) async fn update_room_metadata(
    app: &App,
    grants: &Grants,
    request: UpdateRoomMetadataRequest,
) -> Result<Room, TwirpError> {
    sizes::check_metadata(&app.limit, &request.metadata)?;
    grants.ensure_admin(&request.room)?;
    let room = RoomName::new(request.room);
    app.rooms
        .on_room(&room, move |room, _| Ok(update(room, request.metadata)))
        .await
        .map_err(twirp_error)
}

pub(crate) fn update(room: &mut room::Room, metadata: String) -> Room {
    room.set_metadata(metadata);
    room.info()
}
