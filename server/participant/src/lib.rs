//! A headless LiveKit participant: joins over the signal socket, publishes and subscribes real RTP, decodes nothing.
//! It knows only LiveKit's public protocol, never the server that answers.

mod connection;
mod participant;
mod received;
mod signal;
mod synthetic_video;

pub use participant::{JoinOptions, Participant, ParticipantError};
pub use received::Received;
