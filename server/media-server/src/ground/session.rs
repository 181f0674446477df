//! One signal session as both doors and rooms speak of it: what a join asks for, and what the WebSocket is told. It must not
//! know frames' encoding.

use std::collections::HashMap;

use livekit_protocol as proto;
use livekit_wire::{Identity, ParticipantSid, RoomName, VerifiedToken};

/// Which of LiveKit's signal modes a session speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalMode {
    /// `/rtc`: a publisher and a subscriber peer connection.
    Dual,
    /// `/rtc/v1`: one peer connection, the client always offers.
    Single,
    /// WHIP: one peer connection that only publishes, described once. Nobody comes back to it.
    OneShot,
}

/// The wish to go on with an earlier session after the signal connection was lost.
#[derive(Debug, Clone)]
pub struct Resume {
    /// The participant as the client remembers it; empty for very old clients.
    pub participant_sid: Option<ParticipantSid>,
    /// Why the client comes back.
    pub reason: proto::ReconnectReason,
}

/// Everything a client says when it opens its signal connection, checked and named.
#[derive(Debug, Clone)]
pub struct JoinRequest {
    /// The room from the token's grant.
    pub room: RoomName,
    /// The token's `sub`.
    pub identity: Identity,
    /// The verified token.
    pub token: VerifiedToken,
    /// By the endpoint that was opened.
    pub mode: SignalMode,
    /// What the client says about itself.
    pub client: proto::ClientInfo,
    /// The client's address as the HTTP server saw it; empty when unknown.
    pub client_address: String,
    /// Default true.
    pub auto_subscribe: bool,
    /// The client switches layers by the size of its video elements.
    pub adaptive_stream: bool,
    /// Set when the client wants to resume.
    pub reconnect: Option<Resume>,
    /// v1: the first offer travels in the URL.
    pub publisher_offer: Option<proto::SessionDescription>,
    /// v1: tracks to publish from the start.
    pub add_track_requests: Vec<proto::AddTrackRequest>,
    /// Set over the token's attributes.
    pub attributes: HashMap<String, String>,
    /// Replaces the token's metadata when not empty.
    pub metadata: String,
    /// v1: the client's view of the session to resume.
    pub sync_state: Option<proto::SyncState>,
    /// The client wants full ICE checks from the server.
    pub disable_ice_lite: bool,
    /// The client wants streams paused when its downlink is full; None means the server's default.
    pub subscriber_allow_pause: Option<bool>,
}

/// What the server wants of the WebSocket.
#[derive(Debug, Clone)]
pub enum SignalOut {
    /// Send this frame.
    Message(Box<proto::SignalResponse>),
    /// Send what is queued, then close the socket.
    Close,
}

/// Tells one signal connection of a participant from the one that resumed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub u64);

/// Who joined, as the shard answers.
#[derive(Debug)]
pub struct Joined {
    /// The participant of the session.
    pub participant: ParticipantSid,
    /// This signal connection.
    pub session: SessionId,
}
