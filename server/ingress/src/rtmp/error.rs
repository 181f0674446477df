//! Why a connection ended otherwise than by the encoder's own will.

use std::io;

use rml_rtmp::{handshake::HandshakeError, sessions::ServerSessionError};

/// Why a connection is over.
#[derive(Debug, thiserror::Error)]
pub enum RtmpError {
    /// The encoder hung up.
    #[error("the encoder hung up")]
    Gone,
    /// Nothing came for a while.
    #[error("the encoder sent nothing for 10 seconds")]
    Silent,
    /// A stranger sends more than commands.
    #[error("the encoder sent too many commands, or too long ones")]
    TooMuch,
    /// The network.
    #[error("the encoder's connection broke: {0}")]
    Io(#[from] io::Error),
    /// It does not begin as RTMP does.
    #[error("no RTMP: {0}")]
    Handshake(String),
    /// A command that lacks what it needs.
    #[error("broken RTMP: a command lacks what it needs")]
    Malformed,
    /// It does not go on as RTMP does.
    #[error("broken RTMP: {0}")]
    Session(String),
}

impl From<HandshakeError> for RtmpError {
    fn from(error: HandshakeError) -> RtmpError {
        RtmpError::Handshake(error.to_string())
    }
}

impl From<ServerSessionError> for RtmpError {
    fn from(error: ServerSessionError) -> RtmpError {
        RtmpError::Session(error.to_string())
    }
}
