//! UpdateRoomMetadata: everybody in the room is told.

use livekit_wire::{
    RoomName,
    proto::{Room, UpdateRoomMetadataRequest},
    twirp::TwirpError,
};

use super::{errors::twirp_error, grants::Grants, sizes};
use crate::http::App;

pub(super) async fn update_room_metadata(
    app: &App,
    grants: &Grants,
    request: UpdateRoomMetadataRequest,
) -> Result<Room, TwirpError> {
    sizes::check_metadata(&app.limit, &request.metadata)?;
    grants.ensure_admin(&request.room)?;
    let room = RoomName::new(request.room);
    app.engine
        .update_room_metadata(&room, request.metadata)
        .await
        .map_err(twirp_error)
}
