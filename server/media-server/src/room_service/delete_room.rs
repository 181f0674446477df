//! DeleteRoom: everybody leaves with ROOM_DELETED.

use livekit_wire::{
    RoomName,
    proto::{DeleteRoomRequest, DeleteRoomResponse},
    twirp::TwirpError,
};

use super::{errors::twirp_error, grants::Grants};
use crate::http::App;

pub(super) async fn delete_room(
    app: &App,
    grants: &Grants,
    request: DeleteRoomRequest,
) -> Result<DeleteRoomResponse, TwirpError> {
    grants.ensure_create()?;
    app.engine
        .delete_room(&RoomName::new(request.room))
        .await
        .map_err(twirp_error)?;
    Ok(DeleteRoomResponse {})
}
