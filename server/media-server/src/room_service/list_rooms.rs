//! ListRooms: the open rooms, or those of them that are named.

use livekit_wire::{
    RoomName,
    proto::{ListRoomsRequest, ListRoomsResponse},
    twirp::TwirpError,
};

use super::{errors::twirp_error, grants::Grants};
use crate::http::App;

pub(super) async fn list_rooms(
    app: &App,
    grants: &Grants,
    request: ListRoomsRequest,
) -> Result<ListRoomsResponse, TwirpError> {
    grants.ensure_list()?;
    let names: Vec<_> = request.names.into_iter().map(RoomName::new).collect();
    let rooms = app.engine.list_rooms(&names).await.map_err(twirp_error)?;
    Ok(ListRoomsResponse { rooms })
}
