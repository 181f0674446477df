//! What both ends of LiveKit's protocol share: names and ids, tokens and grants, signal frames, join requests, the
//! Twirp codec, and files with secrets, none of which an error quotes. It must not know rooms, sockets, clocks or what is configured:
//! time and randomness are passed in.

pub mod connect;
pub mod egress;
mod encoding;
pub mod ids;
pub mod quality;
pub mod relay;
pub mod secret_file;
pub mod token;
pub mod twirp;

pub use encoding::{DecodeError, Encoding};
pub use ids::{EmptyName, Identity, ParticipantSid, RoomName, RoomSid, TrackSid};
pub use livekit_protocol as proto;
pub use token::{ApiKeys, Claims, TokenError, VerifiedToken, VideoGrants};
