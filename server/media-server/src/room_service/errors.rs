//! What can go wrong in a room, as Twirp errors.

use livekit_wire::twirp::{Code, TwirpError};

use crate::ground::RoomError;

/// LiveKit's codes for what can go wrong in a room (service/errors.go).
pub(super) fn twirp_error(error: RoomError) -> TwirpError {
    let code = match &error {
        RoomError::RoomNotFound | RoomError::ParticipantNotFound | RoomError::TrackNotFound => {
            Code::NotFound
        }
        RoomError::RemoteUnmuteDisabled => Code::FailedPrecondition,
        RoomError::TooLong(_) | RoomError::DataTooLarge { .. } => Code::InvalidArgument,
        RoomError::ReceiverTooSlow => Code::ResourceExhausted,
        RoomError::Rpc {
            code,
            message,
            data,
        } => {
            let text = match data.as_str() {
                "" => format!("RpcError {code}: {message}"),
                data => format!("RpcError {code}: {message}: {data}"),
            };
            return TwirpError::domain(rpc_code(*code), text);
        }
        RoomError::RpcTimeout => Code::Canceled,
        RoomError::Unavailable => Code::Unavailable,
    };
    TwirpError::domain(code, error)
}

/// protocol `utils/data_channel_rpc.go`, `PsrpcError`.
fn rpc_code(code: u32) -> Code {
    match code {
        1400 | 1402 => Code::InvalidArgument,
        1401 => Code::NotFound,
        1403 | 1404 => Code::Unimplemented,
        1501 | 1502 => Code::Canceled,
        1503 => Code::Unavailable,
        _ => Code::Internal,
    }
}
