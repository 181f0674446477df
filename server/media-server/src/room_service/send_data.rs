//! SendData: a user packet to some or all participants.

use livekit_wire::{
    RoomName,
    proto::{SendDataRequest, SendDataResponse},
    twirp::{Code, TwirpError},
};

use super::{errors::twirp_error, grants::Grants};
use crate::http::App;

/// A UUID, for receivers to tell repeated messages.
const NONCE: usize = 16;

pub(super) async fn send_data(
    app: &App,
    grants: &Grants,
    request: SendDataRequest,
) -> Result<SendDataResponse, TwirpError> {
    grants.ensure_admin(&request.room)?;
    let nonce = request.nonce.len();
    if nonce != 0 && nonce != NONCE {
        let msg = format!("nonce should be 16-bytes or not present, got: {nonce} bytes");
        return Err(TwirpError::new(Code::InvalidArgument, msg));
    }
    let room = RoomName::new(request.room.as_str());
    app.engine
        .send_data(&room, request)
        .await
        .map_err(twirp_error)?;
    Ok(SendDataResponse {})
}
