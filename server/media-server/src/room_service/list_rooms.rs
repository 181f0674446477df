//! ListRooms: the open rooms, or those of them that are named.

use livekit_wire::{
    RoomName,
    proto::{ListRoomsRequest, ListRoomsResponse, Room},
    twirp::TwirpError,
};

use super::{errors::twirp_error, grants::Grants};
use crate::{app::App, room};

pub(super) async fn list_rooms(
    app: &App,
    grants: &Grants,
    request: ListRoomsRequest,
) -> Result<ListRoomsResponse, TwirpError> {
    grants.ensure_list()?;
    let names: Vec<_> = request.names.into_iter().map(RoomName::new).collect();
    let rooms = app
        .rooms
        .of_every_room(move |room| describe(room, &names))
        .await
        .map_err(twirp_error)?;
    Ok(ListRoomsResponse { rooms })
}

pub(crate) fn describe(room: &room::Room, names: &[RoomName]) -> Option<Room> {
    (names.is_empty() || names.contains(room.name())).then(|| room.info())
}
