//! A recording that a room wishes by itself, as LiveKit's own request for it. It must not know who makes recordings.

use livekit_protocol::{ParticipantEgressRequest, RoomCompositeEgressRequest, TrackEgressRequest};
use livekit_wire::{RoomName, RoomSid};

/// What is to be recorded, and how.
#[derive(Debug, Clone, PartialEq)]
pub enum EgressRequest {
    /// The room as a whole.
    RoomComposite(Box<RoomCompositeEgressRequest>),
    /// One participant.
    Participant(Box<ParticipantEgressRequest>),
    /// One track as it comes.
    Track(Box<TrackEgressRequest>),
}

/// The wish of one room.
#[derive(Debug, Clone, PartialEq)]
pub struct EgressWish {
    /// The room.
    pub room: RoomName,
    /// This opening of it.
    pub room_sid: RoomSid,
    /// What it wishes.
    pub request: EgressRequest,
}
