//! DeleteRoom: everybody leaves with ROOM_DELETED.

use livekit_wire::{
    RoomName,
    proto::{DeleteRoomRequest, DeleteRoomResponse},
    twirp::TwirpError,
};

use super::{errors::twirp_error, grants::Grants};
use crate::{app::App, ground::Now, participant::CloseReason, room::Room};

pub(super) async fn delete_room(
    app: &App,
    grants: &Grants,
    request: DeleteRoomRequest,
) -> Result<DeleteRoomResponse, TwirpError> {
    grants.ensure_create()?;
    app.rooms
        .on_room(&RoomName::new(request.room), |room, now| {
            close(room, now);
            Ok(())
        })
        .await
        .map_err(twirp_error)?;
    Ok(DeleteRoomResponse {})
}

pub(crate) fn close(room: &mut Room, now: Now) {
    room.close(CloseReason::RoomDeleted, now);
}
