//! One WebRTC peer connection that obeys LiveKit's SDP rules: descriptions, datagrams and time in; descriptions,
//! datagrams and events out. It knows no sockets, no clock, no rooms.

mod config;
mod error;
mod event;
mod extension;
mod id;
mod plan;

pub use config::{LocalCandidate, PeerConfig};
pub use error::{NegotiationError, SendDataError};
pub use event::{
    CloseReason, DataChannel, DownRtp, DownTrackId, DownTrackReport, Output, PeerEvent, UpRtp,
    UpSenderReport, UpTrack, UpTrackId, UpTrackReport,
};
pub use id::PeerId;
pub use plan::{AnswerPlan, Description, PublishPlan, PublishSource, SectionsRequirement};
