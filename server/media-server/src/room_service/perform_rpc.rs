//! PerformRpc: calls a method of a participant and waits for its answer.

use livekit_wire::{
    RoomName,
    proto::{PerformRpcRequest, PerformRpcResponse},
    twirp::{Code, TwirpError},
};

use super::{errors::twirp_error, grants::Grants};
use crate::{
    app::App,
    ground::{Now, RoomError},
    room::{Room, RpcAnswer},
};

pub(super) async fn perform_rpc(
    app: &App,
    grants: &Grants,
    request: PerformRpcRequest,
) -> Result<PerformRpcResponse, TwirpError> {
    grants.ensure_admin(&request.room)?;
    if request.destination_identity.is_empty() {
        return Err(TwirpError::domain(
            Code::InvalidArgument,
            "destination identity is required",
        ));
    }
    let room = RoomName::new(request.room.as_str());
    let answer = app
        .rooms
        .on_room(&room, move |room, now| call(room, request, now))
        .await
        .map_err(twirp_error)?;
    answer
        .await
        .unwrap_or(Err(RoomError::Unavailable))
        .map_err(twirp_error)
}

pub(crate) fn call(
    room: &mut Room,
    request: PerformRpcRequest,
    now: Now,
) -> Result<RpcAnswer, RoomError> {
    let callee = room.key_of(request.destination_identity.as_str())?;
    room.call(callee, request, now)
}
