//! MatrixRTC authorization: gives Matrix clients their LiveKit tokens and takes over their delayed leave events.
//! It must not know accounts, meetings or any other part of the site: a LiveKit endpoint and homeservers are its world.

pub mod delayed_leave;
mod go_json;
pub mod homeserver;
pub mod ids;
pub mod livekit;
mod metrics;
mod sources;

pub use sources::{Random, Sources};
