//! CreateRoom: opens a room before anybody joins; one that is open already is answered as it is.

use livekit_wire::{
    RoomName,
    proto::{CreateRoomRequest, Room},
    twirp::{Code, TwirpError},
};

use super::{errors::twirp_error, grants::Grants, sizes};
use crate::{app::App, config::Limit, ground::RoomError, room::RoomOptions, shard::Place};

pub(super) async fn create_room(
    app: &App,
    grants: &Grants,
    request: CreateRoomRequest,
) -> Result<Room, TwirpError> {
    grants.ensure_create()?;
    let longest = app.limit.max_room_name_length;
    if !Limit::allows(longest, request.name.len()) {
        let msg = format!("room name length exceeds limits: max length {longest}");
        return Err(TwirpError::domain(Code::InvalidArgument, msg));
    }
    sizes::check_metadata(&app.limit, &request.metadata)?;
    for agent in &request.agents {
        sizes::check_metadata(&app.limit, &agent.metadata)?;
    }
    let name = RoomName::new(request.name.as_str());
    app.rooms
        .at_place(&name, move |place| open(place, &request))
        .await
        .map_err(twirp_error)
}

pub(crate) fn open(place: &mut Place<'_>, request: &CreateRoomRequest) -> Result<Room, RoomError> {
    Ok(place.room_or_open(RoomOptions::from(request))?.info())
}
