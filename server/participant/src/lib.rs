//! A LiveKit client without a screen: joins over the signal socket, publishes and receives real media, comes back when
//! it is lost, decodes nothing. It knows only LiveKit's public protocol, never the server that answers.

mod command;
mod connection;
mod event;
mod events;
mod join;
mod options;
mod participant;
mod publish;
mod received;
mod roster;
mod session;
mod signal;
mod subscriptions;

pub use connection::ConnectionError;
pub use event::{Codec, Event, Frame, LeaveReason, SenderReport};
pub use events::Events;
pub use join::JoinError;
pub use livekit_protocol as proto;
pub use options::{JoinOptions, Receive, SignalMode, Transport};
pub use participant::Participant;
pub use publish::{Content, LocalFrame, LocalTrack, Publish, PublishError};
pub use received::Received;
pub use signal::SignalError;
