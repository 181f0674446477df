//! PerformRpc: calls a method of a participant and waits for its answer.

use livekit_wire::{
    RoomName,
    proto::{PerformRpcRequest, PerformRpcResponse},
    twirp::{Code, TwirpError},
};

use super::{errors::twirp_error, grants::Grants};
use crate::http::App;

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
    app.engine
        .perform_rpc(&room, request)
        .await
        .map_err(twirp_error)
}
