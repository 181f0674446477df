//! Why a join or a room command is refused. It must not know Twirp codes or HTTP statuses.

use crate::config::TooLong;

/// Why a join is refused before a signal session exists.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinRefused {
    /// `room.auto_create` is off and nobody created the room (LiveKit: 404).
    #[error("requested room does not exist")]
    RoomNotFound,
    /// The participant was removed after this token was made (LiveKit: 401).
    #[error("token has been revoked")]
    TokenRevoked,
    /// The token names a preset that the YAML does not have (400).
    #[error("unknown room configuration in create room request")]
    UnknownPreset,
    /// Name, metadata or attributes from the token or the request exceed a limit (400).
    #[error("{} exceeds the size limit", name_of(*.0))]
    TooLong(TooLong),
    /// The server is shutting down (503).
    #[error("server is shutting down")]
    Unavailable,
}

impl From<TooLong> for JoinRefused {
    fn from(too_long: TooLong) -> Self {
        Self::TooLong(too_long)
    }
}

fn name_of(too_long: TooLong) -> &'static str {
    match too_long {
        TooLong::Name => "name",
        TooLong::Metadata => "metadata",
        TooLong::Attributes => "attributes",
    }
}

/// Why a room command fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoomError {
    /// not_found
    #[error("requested room does not exist")]
    RoomNotFound,
    /// not_found
    #[error("participant does not exist")]
    ParticipantNotFound,
    /// not_found
    #[error("track is not found")]
    TrackNotFound,
    /// failed_precondition
    #[error("remote unmute not enabled")]
    RemoteUnmuteDisabled,
    /// invalid_argument
    #[error("{} exceeds limits", measure_of(*.0))]
    TooLong(TooLong),
    /// invalid_argument
    #[error("data of {length} bytes is more than a receiver takes, which is {most} bytes")]
    DataTooLarge {
        /// The packet as it would be sent.
        length: usize,
        /// What the receiver takes.
        most: usize,
    },
    /// resource_exhausted
    #[error("a receiver is too far behind to take more data")]
    ReceiverTooSlow,
    /// The called participant answered with an error; LiveKit's RPC error code and message.
    #[error("rpc failed: {message}")]
    Rpc {
        /// LiveKit's RPC error code, for example 1400 "unsupported method".
        code: u32,
        /// The callee's or the server's text.
        message: String,
        /// The callee's own payload, if any.
        data: String,
    },
    /// deadline_exceeded
    #[error("rpc response timed out")]
    RpcTimeout,
    /// unavailable: the server is shutting down.
    #[error("server is shutting down")]
    Unavailable,
}

impl From<TooLong> for RoomError {
    fn from(too_long: TooLong) -> Self {
        Self::TooLong(too_long)
    }
}

fn measure_of(too_long: TooLong) -> &'static str {
    match too_long {
        TooLong::Name => "name length",
        TooLong::Metadata => "metadata size",
        TooLong::Attributes => "attributes size",
    }
}
