//! ListParticipants: nobody for an unknown room.

use livekit_wire::{
    RoomName,
    proto::{ListParticipantsRequest, ListParticipantsResponse},
    twirp::TwirpError,
};

use super::{errors::twirp_error, grants::Grants};
use crate::http::App;

pub(super) async fn list_participants(
    app: &App,
    grants: &Grants,
    request: ListParticipantsRequest,
) -> Result<ListParticipantsResponse, TwirpError> {
    grants.ensure_admin(&request.room)?;
    let room = RoomName::new(request.room);
    let participants = app
        .engine
        .list_participants(&room)
        .await
        .map_err(twirp_error)?;
    Ok(ListParticipantsResponse { participants })
}
