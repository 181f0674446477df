//! The peer connection as a participant uses it, so that rooms are tested without WebRTC.

use std::time::Instant;

use bytes::Bytes;

use crate::peer::Datagram;
use crate::peer::{
    AnswerPlan, Backlog, DataChannel, Description, DownRtp, DownTrackId, DownTrackSpec,
    NegotiationError, Output, Peer, PeerId, PeerRole, SectionsRequirement, SendDataError,
    UpTrackId,
};

/// What a room does with a peer connection; see [`Peer`] for the meaning of each call.
#[expect(
    missing_docs,
    reason = "each method is the one of the same name of Peer"
)]
pub trait Connection: Send {
    fn handle_offer(
        &mut self,
        offer: &Description,
        plan: &AnswerPlan,
        now: Instant,
    ) -> Result<Description, NegotiationError>;
    fn create_offer(&mut self, now: Instant) -> Option<Description>;
    fn handle_answer(&mut self, answer: &Description, now: Instant)
    -> Result<(), NegotiationError>;
    fn forget_offer(&mut self);
    fn set_section_reuse(&mut self, reuse: bool);
    fn sections_requirement(&self) -> SectionsRequirement;
    fn ice_restart(&mut self);
    fn add_remote_candidate(&mut self, candidate: &str, now: Instant);
    fn add_down_track(&mut self, spec: DownTrackSpec) -> DownTrackId;
    fn remove_down_track(&mut self, track: DownTrackId);
    fn write_rtp(&mut self, track: DownTrackId, packet: &DownRtp<'_>) -> bool;
    fn request_keyframe(&mut self, track: UpTrackId, stream: u8);
    fn send_data(
        &mut self,
        channel: DataChannel,
        payload: &Bytes,
        now: Instant,
    ) -> Result<(), SendDataError>;
    fn data_backlog(&self) -> Backlog;
    fn forget_data(&mut self);
    fn max_data_size(&self) -> usize;
    fn accepts(&self, datagram: &Datagram) -> bool;
    fn handle_datagram(&mut self, datagram: &Datagram, now: Instant);
    fn handle_timeout(&mut self, now: Instant);
    fn poll_output(&mut self, now: Instant) -> Output;
}

/// Whether the server's side of a connection only answers connectivity checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IceLite {
    /// The client asks for full ICE, or knows no other.
    Never,
    /// As `rtc.use_ice_lite` says.
    AsSet,
    /// Publishers over HTTP: RFC 9725 has them check, and libnice (GStreamer) answers checks of ours with a USERNAME
    /// that str0m takes for somebody else's.
    Always,
}

/// Opens peer connections; the numbers are unique within the shard.
pub trait ConnectionFactory: Send + Sync {
    /// A new connection and its id.
    fn open(
        &self,
        role: PeerRole,
        ice_lite: IceLite,
        now: Instant,
    ) -> (PeerId, Box<dyn Connection>);
}

impl Connection for Peer {
    fn handle_offer(
        &mut self,
        offer: &Description,
        plan: &AnswerPlan,
        now: Instant,
    ) -> Result<Description, NegotiationError> {
        Self::handle_offer(self, offer, plan, now)
    }
    fn create_offer(&mut self, now: Instant) -> Option<Description> {
        Self::create_offer(self, now)
    }
    fn handle_answer(
        &mut self,
        answer: &Description,
        now: Instant,
    ) -> Result<(), NegotiationError> {
        Self::handle_answer(self, answer, now)
    }
    fn forget_offer(&mut self) {
        Self::forget_offer(self);
    }
    fn set_section_reuse(&mut self, reuse: bool) {
        Self::set_section_reuse(self, reuse);
    }
    fn sections_requirement(&self) -> SectionsRequirement {
        Self::sections_requirement(self)
    }
    fn ice_restart(&mut self) {
        Self::ice_restart(self);
    }
    fn add_remote_candidate(&mut self, candidate: &str, now: Instant) {
        Self::add_remote_candidate(self, candidate, now);
    }
    fn add_down_track(&mut self, spec: DownTrackSpec) -> DownTrackId {
        Self::add_down_track(self, spec)
    }
    fn remove_down_track(&mut self, track: DownTrackId) {
        Self::remove_down_track(self, track);
    }
    fn write_rtp(&mut self, track: DownTrackId, packet: &DownRtp<'_>) -> bool {
        Self::write_rtp(self, track, packet)
    }
    fn request_keyframe(&mut self, track: UpTrackId, stream: u8) {
        Self::request_keyframe(self, track, stream);
    }
    fn send_data(
        &mut self,
        channel: DataChannel,
        payload: &Bytes,
        now: Instant,
    ) -> Result<(), SendDataError> {
        Self::send_data(self, channel, payload, now)
    }
    fn data_backlog(&self) -> Backlog {
        Self::data_backlog(self)
    }
    fn forget_data(&mut self) {
        Self::forget_data(self);
    }
    fn max_data_size(&self) -> usize {
        Self::max_data_size(self)
    }
    fn accepts(&self, datagram: &Datagram) -> bool {
        Self::accepts(self, datagram)
    }
    fn handle_datagram(&mut self, datagram: &Datagram, now: Instant) {
        Self::handle_datagram(self, datagram, now);
    }
    fn handle_timeout(&mut self, now: Instant) {
        Self::handle_timeout(self, now);
    }
    fn poll_output(&mut self, now: Instant) -> Output {
        Self::poll_output(self, now)
    }
}
