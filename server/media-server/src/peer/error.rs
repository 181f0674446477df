//! Why a peer connection refuses something; each case is the caller's to map to a leave reason or a log line.

/// A session description could not be used. The connection is unharmed unless the case says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NegotiationError {
    /// Not SDP, or SDP that no WebRTC client writes.
    #[error("malformed session description: {0}")]
    Malformed(String),
    /// The description is larger than any honest one.
    #[error("session description is too large")]
    TooLarge,
    /// An answer nobody waits for, or one to an older offer; to be ignored.
    #[error("answer does not belong to the outstanding offer")]
    Stale,
    /// An offer on the subscriber connection, or an answer on one where the client offers.
    #[error("this connection does not take this kind of description")]
    WrongRole,
    /// The connection has ended.
    #[error("the connection is closed")]
    Closed,
}

/// A data message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendDataError {
    /// The client has not opened the channel (yet).
    #[error("the data channel is not open")]
    NotOpen,
    /// The client takes less than it is sent; for a reliable message, and too much waits for it already.
    #[error("the data channel's buffer is full")]
    Full,
    /// Larger than the client accepts.
    #[error("the message is larger than the client accepts")]
    TooLarge,
}
