//! Engine errors as Twirp errors.

use livekit_wire::twirp::{Code, TwirpError};

use crate::engine::EngineError;

/// LiveKit's codes for what can go wrong in a room (service/errors.go).
pub(super) fn twirp_error(error: EngineError) -> TwirpError {
    let code = match &error {
        EngineError::RoomNotFound
        | EngineError::ParticipantNotFound
        | EngineError::TrackNotFound => Code::NotFound,
        EngineError::RemoteUnmuteDisabled => Code::FailedPrecondition,
        EngineError::TooLong(_) | EngineError::DataTooLarge { .. } => Code::InvalidArgument,
        EngineError::ReceiverTooSlow => Code::ResourceExhausted,
        EngineError::Rpc {
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
        EngineError::RpcTimeout => Code::Canceled,
        EngineError::Unavailable => Code::Unavailable,
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
