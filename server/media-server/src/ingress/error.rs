//! Why an ingress cannot be had, and why nobody may publish by one.

use crate::{ground::RoomError, whip::NotStarted};

/// Why an ingress cannot be had; LiveKit's words where it has some (protocol `ingress/errors.go`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IngressError {
    /// Nobody said where they are to be kept.
    #[error("ingress not connected (redis required)")]
    NotConnected,
    /// Not one of ours.
    #[error("requested ingress does not exist")]
    NotFound,
    /// A value that cannot be.
    #[error("invalid ingress: {0}")]
    Invalid(&'static str),
    /// LiveKit has it, this server does not.
    #[error("{0}")]
    Unimplemented(&'static str),
    /// A text beyond the limit.
    #[error("{0} is too long")]
    TooLong(&'static str),
    /// There are enough.
    #[error("there are {0} ingresses, and no more are kept")]
    TooMany(usize),
    /// They cannot be read or written.
    #[error("ingresses cannot be kept: {0}")]
    Disk(String),
}

/// Why nobody may publish by a stream key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPublished {
    /// No ingress has it.
    #[error("no ingress has this stream key")]
    NoSuchKey,
    /// Nobody may for now.
    #[error("the ingress is disabled")]
    Disabled,
    /// The key is for encoders of another protocol.
    #[error("the ingress is for another protocol")]
    OtherInput,
    /// Somebody publishes by it.
    #[error("somebody publishes by this stream key")]
    Taken,
    /// Where to is not known yet.
    #[error("the ingress has no room")]
    NoRoom,
    /// The room cannot be opened.
    #[error(transparent)]
    Room(RoomError),
    /// The room does not take it.
    #[error(transparent)]
    Start(NotStarted),
}

impl From<NotStarted> for NotPublished {
    fn from(error: NotStarted) -> Self {
        Self::Start(error)
    }
}
