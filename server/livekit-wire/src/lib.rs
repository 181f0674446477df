//! What both ends of LiveKit's protocol share: names and ids, tokens and grants, signal frames, join requests and the
//! Twirp codec. It must not know rooms, sockets, clocks or configuration: time and randomness are passed in.

pub mod connect;
pub mod egress;
mod encoding;
pub mod ids;
pub mod quality;
pub mod relay;
pub mod token;
pub mod twirp;

pub use encoding::{DecodeError, Encoding};
pub use ids::{EmptyName, Identity, ParticipantSid, RoomName, RoomSid, TrackSid};
pub use livekit_protocol as proto;
pub use token::{ApiKeys, Claims, TokenError, VerifiedToken, VideoGrants};
