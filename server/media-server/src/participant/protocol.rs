//! LiveKit's client protocol number and the features it gates.

/// The client's protocol number, which gates features (rtc/types/protocol_version.go).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProtocolVersion(pub i32);

impl ProtocolVersion {
    /// Stream ids carry participant and track.
    pub fn packs_stream_ids(self) -> bool {
        self.0 >= 1
    }

    /// The subscriber connection can be the primary one; `speakersChanged` is understood.
    pub fn subscriber_primary(self) -> bool {
        self.0 >= 3
    }

    /// An inactive section may be used for another track.
    pub fn reuses_transceivers(self) -> bool {
        self.0 >= 4
    }

    /// `connectionQuality` is understood.
    pub fn knows_connection_quality(self) -> bool {
        self.0 >= 5
    }

    /// The client runs full ICE against an ICE-lite server.
    pub fn knows_ice_lite(self) -> bool {
        self.0 >= 6
    }

    /// Audio and video of a publisher may share a stream id.
    pub fn syncs_streams(self) -> bool {
        self.0 >= 10
    }

    /// ConnectionQuality LOST is understood.
    pub fn knows_quality_lost(self) -> bool {
        self.0 >= 11
    }

    /// `leave` carries an action.
    pub fn knows_leave_actions(self) -> bool {
        self.0 >= 13
    }

    /// The client tells participants apart by identity, so a rejoin needs no `disconnected` in between.
    pub fn reconnects_by_identity(self) -> bool {
        self.0 >= 12
    }

    /// `requestResponse` is also understood when nothing failed.
    pub fn knows_ok_responses(self) -> bool {
        self.0 >= 15
    }
}
