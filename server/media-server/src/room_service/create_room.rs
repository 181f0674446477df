//! CreateRoom: opens a room before anybody joins; one that is open already is answered as it is.

use livekit_wire::{
    RoomName,
    proto::{CreateRoomRequest, Room},
    twirp::{Code, TwirpError},
};

use super::{
    egress::{not_connected, not_started},
    errors::twirp_error,
    grants::Grants,
    sizes,
};
use crate::{
    app::App,
    config::Limit,
    ground::{EgressRequest, RoomError},
    room::RoomOptions,
    shard::Place,
};

pub(super) async fn create_room(
    app: &App,
    grants: &Grants,
    request: CreateRoomRequest,
) -> Result<Room, TwirpError> {
    grants.ensure_create()?;
    if request.name.is_empty() {
        let msg = "room name cannot be empty";
        return Err(TwirpError::domain(Code::InvalidArgument, msg));
    }
    let longest = app.limit.max_room_name_length;
    if !Limit::allows(longest, request.name.len()) {
        let msg = format!("room name length exceeds limits: max length {longest}");
        return Err(TwirpError::domain(Code::InvalidArgument, msg));
    }
    sizes::check_metadata(&app.limit, &request.metadata)?;
    for agent in &request.agents {
        sizes::check_metadata(&app.limit, &agent.metadata)?;
        sizes::check_attributes(&app.limit, &agent.attributes)?;
    }
    let name = RoomName::new(request.name.as_str());
    let mut options = RoomOptions::from(&request);
    if !request.room_preset.is_empty() {
        let preset = app.presets.get(&request.room_preset);
        options = options.or_as_in(preset.ok_or_else(unknown_preset)?);
    }
    if options.egress.is_some() && app.egress.is_none() {
        return Err(not_connected());
    }
    let composite = options
        .egress
        .as_mut()
        .and_then(|egress| egress.room.take());
    let (room, opened) = app
        .rooms
        .at_place(&name, move |place| open(place, options))
        .await
        .map_err(twirp_error)?;
    if opened
        && let Some(client) = &app.egress
        && let Some(mut composite) = composite
    {
        // The caller waits for it, and is told when it fails; the room stays open all the same.
        room.name.clone_into(&mut composite.room_name);
        let request = EgressRequest::RoomComposite(Box::new(composite));
        client.start(&request).await.map_err(not_started)?;
    }
    Ok(room)
}

fn unknown_preset() -> TwirpError {
    let msg = "unknown room configuration in create room request";
    TwirpError::domain(Code::InvalidArgument, msg)
}

/// The room, and whether it was opened now.
pub(crate) fn open(place: &mut Place<'_>, options: RoomOptions) -> Result<(Room, bool), RoomError> {
    let opened = place.room().is_none();
    let room = place.room_or_open(options)?;
    Ok((room.info(), opened))
}
