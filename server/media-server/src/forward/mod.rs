//! Forwards media from one published track to many subscribers: which packets, which layer, renumbered how.
//!
//! Pure: it knows no sockets, no clock (Instants are passed in), no signal messages and no rooms.
//! A packet's way: [`UpTrack::receive`] parses it once, then each subscriber's
//! [`DownTrackForwarder::forward`] decides and renumbers, without copying the payload.

mod codec;
mod layer;
mod packet;

pub use codec::Codec;
pub use layer::{Layer, LayerSet, MAX_SPATIAL, MAX_TEMPORAL, VideoQuality};
pub use packet::{DownPacket, SenderReport, UpRtp};
