//! One WebRTC peer connection that obeys LiveKit's SDP rules: descriptions, datagrams and time in; descriptions,
//! datagrams and events out. It knows no sockets, no clock, no rooms.

mod answer;
mod codec;
mod config;
mod data;
mod datagram;
mod down;
mod error;
mod event;
mod extension;
mod id;
mod liveness;
mod nacks;
mod offer;
mod one_shot;
mod plan;
mod reshape;
mod sdp;
#[cfg(test)]
mod tests;
mod up;

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use str0m::bwe::BweKind;
use str0m::media::{KeyframeRequestKind, MediaKind, Mid};
use str0m::net::{Protocol, Receive, TcpType, Transmit};
use str0m::rtp::{RtpPacket, RtpWrite, Ssrc};
use str0m::{Candidate, Event, IceConnectionState, IceCreds, Input, Rtc, RtcConfig};

pub use config::{LocalCandidate, PeerConfig};
pub use data::Backlog;
pub use datagram::{Datagram, Route, Transport};
pub use error::{NegotiationError, SendDataError};
pub use event::{
    CloseReason, DataChannel, DownRtp, DownTrackId, DownTrackReport, Output, PeerEvent, UpRtp,
    UpSenderReport, UpTrack, UpTrackId, UpTrackReport,
};
pub use id::PeerId;
pub use one_shot::{IceCredentials, IceFragment, OfferedTrack, OneShotOffer};
pub use plan::{
    AnswerPlan, Description, DownTrackSpec, PeerRole, PublishPlan, PublishSource,
    SectionsRequirement,
};

use codec::PayloadTypes;
use data::DataChannels;
use down::DownTracks;
use liveness::Liveness;
use nacks::Nacks;
use offer::Outstanding;
use up::UpTracks;

/// How often the client's and our own reception is summed up.
const REPORT_INTERVAL: Duration = Duration::from_secs(2);
/// A stream without packets for this long is paused.
const PAUSE_THRESHOLD: Duration = Duration::from_millis(1500);

/// One peer connection. After any call that takes `&mut self`, drain [`Peer::poll_output`]; many
/// [`Peer::write_rtp`] and [`Peer::send_data`] may share one drain.
pub struct Peer {
    id: PeerId,
    role: PeerRole,
    rtc: Rtc,
    /// Written to since the last drain.
    dirty: bool,
    outputs: VecDeque<Transmit>,
    events: VecDeque<PeerEvent>,
    next_timeout: Instant,
    now: Instant,
    payload_types: PayloadTypes,
    up: UpTracks,
    /// Which up track and simulcast stream an SSRC is, and of which kind.
    streams: HashMap<Ssrc, (UpTrackId, u8, MediaKind)>,
    down: DownTracks,
    data: DataChannels,
    liveness: Liveness,
    outstanding: Option<Outstanding>,
    next_offer: u32,
    /// [`PeerEvent::NegotiationNeeded`] is out and nothing has come of it yet.
    requested: bool,
    restart: bool,
    reuse_sections: bool,
    video_history: Duration,
    estimate: Option<u64>,
    nacks: Nacks,
    closed: bool,
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Peer")
            .field("id", &self.id)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl Peer {
    /// A connection that waits for its first description.
    pub fn new(role: PeerRole, id: PeerId, config: &PeerConfig, now: Instant) -> Self {
        let random = IceCreds::new();
        let credentials = IceCreds {
            ufrag: id.ufrag_from(&random.ufrag),
            pass: random.pass,
        };
        let mut settings = RtcConfig::new()
            .set_rtp_mode(true)
            .set_ice_lite(config.ice_lite)
            .set_local_ice_credentials(credentials)
            .set_extension_map(codec::extensions(role))
            .set_stats_interval(Some(REPORT_INTERVAL))
            .set_pause_threshold(PAUSE_THRESHOLD)
            .set_sctp_max_message_size(data::MAX_MESSAGE)
            .set_sctp_max_buffered_amount(data::MAX_BUFFERED);
        if let Some(certificate) = &config.dtls_certificate {
            settings = settings.set_dtls_cert(certificate.clone());
        }
        codec::configure(settings.codec_config(), &config.codecs);
        let mut rtc = settings.build(now);
        for candidate in config
            .candidates
            .iter()
            .filter_map(|candidate| host_candidate(*candidate))
        {
            rtc.add_local_candidate(candidate);
        }
        let payload_types = PayloadTypes::of(rtc.codec_config());
        Self {
            id,
            role,
            rtc,
            dirty: false,
            outputs: VecDeque::new(),
            events: VecDeque::new(),
            next_timeout: now,
            now,
            payload_types,
            up: UpTracks::default(),
            streams: HashMap::new(),
            down: DownTracks::default(),
            data: DataChannels::default(),
            liveness: Liveness::default(),
            outstanding: None,
            next_offer: 1,
            requested: false,
            restart: false,
            reuse_sections: true,
            video_history: config.video_history,
            estimate: None,
            nacks: Nacks::default(),
            closed: false,
        }
    }

    /// Its number.
    pub const fn id(&self) -> PeerId {
        self.id
    }

    /// Its role.
    pub const fn role(&self) -> PeerRole {
        self.role
    }

    /// Whether m-lines of ended down tracks may serve new ones; clients below protocol 4 and Safari cannot.
    pub const fn set_section_reuse(&mut self, reuse: bool) {
        self.reuse_sections = reuse;
    }

    /// Whether a datagram proves to come from this connection's client: a STUN message with the right integrity, or
    /// anything from an address that has done so.
    pub fn accepts(&self, datagram: &Datagram) -> bool {
        !self.closed
            && receive(datagram).is_some_and(|receive| {
                self.rtc
                    .accepts(&Input::Receive(datagram.received, receive))
            })
    }

    /// Takes a datagram; what is not meant for this connection is dropped.
    pub fn handle_datagram(&mut self, datagram: &Datagram, now: Instant) {
        if self.closed {
            return;
        }
        let Some(receive) = receive(datagram) else {
            return;
        };
        self.now = self.now.max(now);
        let input = Input::Receive(self.now, receive);
        if !self.rtc.accepts(&input) {
            return;
        }
        let revived = self.liveness.heard(self.now);
        self.events.extend(revived);
        if let Err(error) = self.rtc.handle_input(input) {
            tracing::debug!(peer = %self.id, %error, "datagram refused");
        }
        self.pump();
    }

    /// Moves time on.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.closed {
            return;
        }
        self.advance(now);
        let change = self.liveness.handle_timeout(self.now);
        self.events.extend(change);
        self.pump();
    }

    /// The next datagram or event, else when to come back.
    pub fn poll_output(&mut self, now: Instant) -> Output {
        if self.dirty && !self.closed {
            self.advance(now);
            self.pump();
        }
        if let Some(event) = self.events.pop_front() {
            return Output::Event(event);
        }
        if let Some(transmit) = self.outputs.pop_front() {
            return Output::Transmit(transmit);
        }
        Output::Timeout(self.deadline())
    }

    fn deadline(&self) -> Instant {
        self.liveness
            .deadline()
            .filter(|_| !self.closed)
            .map_or(self.next_timeout, |own| own.min(self.next_timeout))
    }

    /// Adds a candidate of the client, as in `RTCIceCandidateInit.candidate`; one that is no use is ignored.
    pub fn add_remote_candidate(&mut self, candidate: &str, now: Instant) {
        let line = candidate.strip_prefix("a=").unwrap_or(candidate);
        if self.closed || !reshape::is_usable_candidate(&format!("a={line}")) {
            return;
        }
        if let Ok(candidate) = Candidate::from_sdp_string(line) {
            self.rtc.add_remote_candidate(candidate);
            self.advance(now);
            self.pump();
        }
    }

    /// Adds a track to send; it plays once [`PeerEvent::DownTrackReady`] has come.
    pub fn add_down_track(&mut self, spec: DownTrackSpec) -> DownTrackId {
        let id = self.down.add(spec);
        self.want_negotiation();
        id
    }

    /// Ends a track; the client learns it with the next negotiation.
    pub fn remove_down_track(&mut self, id: DownTrackId) {
        let was_known = self.down.get(id).is_some_and(|track| track.mid.is_some());
        if self.down.remove(id) && was_known {
            self.ask_negotiation();
        }
    }

    /// Single mode: what to ask of the client in `mediaSectionsRequirement`.
    pub fn sections_requirement(&self) -> SectionsRequirement {
        self.down.requirement()
    }

    /// Subscriber: restart ICE with the next offer. Elsewhere the client restarts by itself.
    pub fn ice_restart(&mut self) {
        self.restart = true;
        self.ask_negotiation();
    }

    /// Gives up on an offer the client will not answer (it has reconnected its signal connection), so that the next
    /// one can be made; tracks that were only in the lost offer are offered again.
    pub fn forget_offer(&mut self) {
        if self.outstanding.take().is_none() {
            return;
        }
        let known = |mid: Mid| self.rtc.media(mid).is_some();
        self.down.slots.retain(|slot| known(slot.mid));
        for track in &mut self.down.tracks {
            if track.sending.is_none() && track.mid.is_some_and(|mid| self.rtc.media(mid).is_none())
            {
                track.mid = None;
            }
        }
        self.ask_negotiation();
    }

    /// Writes a packet to a down track; `false` when the track is not ready or the client does not take the codec.
    pub fn write_rtp(&mut self, id: DownTrackId, rtp: &DownRtp<'_>) -> bool {
        if self.closed {
            return false;
        }
        let Some(sending) = self.down.get(id).and_then(|track| track.sending.as_ref()) else {
            return false;
        };
        let Some(accepted) = sending
            .accepted
            .iter()
            .find(|accepted| accepted.codec == rtp.codec)
        else {
            return false;
        };
        let ssrc = sending.ssrc;
        let mut write = RtpWrite::new(
            accepted.payload_type,
            rtp.packet.seq.into(),
            rtp.packet.time,
            rtp.wallclock,
            rtp.payload.clone(),
        )
        .marker(rtp.packet.marker)
        .nackable(rtp.codec.is_video())
        .ext_vals(extension::end_to_end(rtp.extensions));
        if let Some(patch) = rtp.packet.vp8_patch {
            write = write.vp8_patch(patch);
        }
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx(&ssrc) else {
            return false;
        };
        stream.write_rtp(write);
        self.dirty = true;
        true
    }

    /// Asks the client for a keyframe (PLI) of one simulcast stream.
    pub fn request_keyframe(&mut self, id: UpTrackId, stream: u8) {
        let Some((mid, slot)) = self.up.mid_of(id) else {
            return;
        };
        let (mid, rid) = (Mid::from(mid), slot.rid(stream));
        let mut direct = self.rtc.direct_api();
        if let Some(stream) = direct.stream_rx_by_mid(mid, rid) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
            self.dirty = true;
        }
    }

    /// Sends a data message. Reliable ones wait for the channel to open and for the client to take them, within limits.
    pub fn send_data(
        &mut self,
        channel: DataChannel,
        payload: &Bytes,
        now: Instant,
    ) -> Result<(), SendDataError> {
        if self.closed {
            return Err(SendDataError::NotOpen);
        }
        self.now = self.now.max(now);
        self.dirty = true;
        self.data.send(&mut self.rtc, channel, payload, self.now)
    }

    /// Reliable messages that the client has not taken yet.
    pub const fn data_backlog(&self) -> Backlog {
        self.data.backlog()
    }

    /// Gives up on them.
    pub fn forget_data(&mut self) {
        self.data.forget_waiting();
    }

    /// The largest data message the client takes.
    pub const fn max_data_size(&self) -> usize {
        self.data.remote_max_message()
    }

    /// Says goodbye: drain [`Peer::poll_output`] once more, then drop the connection.
    pub fn close(&mut self, now: Instant) {
        if self.closed {
            return;
        }
        self.advance(now);
        if self.rtc.close().is_ok() {
            self.pump();
        }
        self.closed = true;
    }

    fn advance(&mut self, now: Instant) {
        self.now = self.now.max(now);
        self.dirty = false;
        if let Err(error) = self.rtc.handle_input(Input::Timeout(self.now)) {
            tracing::debug!(peer = %self.id, %error, "connection failed");
            self.close_with(CloseReason::Handshake);
        }
    }

    fn close_with(&mut self, reason: CloseReason) {
        if !std::mem::replace(&mut self.closed, true) {
            self.rtc.disconnect();
            self.events.push_back(PeerEvent::Closed(reason));
            self.next_timeout = self.now + FAR_FUTURE;
        }
    }

    /// Drains str0m: it holds one received packet at a time, so every input is followed by this.
    fn pump(&mut self) {
        loop {
            match self.rtc.poll_output() {
                Ok(str0m::Output::Timeout(at)) => {
                    self.next_timeout = at;
                    if self.closed || !self.data.flush(&mut self.rtc, self.now) {
                        break;
                    }
                }
                Ok(str0m::Output::Transmit(transmit)) => self.outputs.push_back(transmit),
                Ok(str0m::Output::Event(event)) => self.handle_event(event),
                Err(error) => {
                    tracing::debug!(peer = %self.id, %error, "connection failed");
                    self.close_with(CloseReason::Handshake);
                    break;
                }
            }
        }
        if !self.rtc.is_alive() {
            self.close_with(CloseReason::Handshake);
        }
    }

    fn handle_event(&mut self, event: Event) {
        match event {
            Event::RtpPacket(packet) => self.handle_rtp(packet),
            Event::IceConnectionStateChange(
                IceConnectionState::Connected | IceConnectionState::Completed,
            ) => {
                let connected = self.liveness.connected(self.now);
                self.events.extend(connected);
            }
            Event::Connected => self.events.push_back(PeerEvent::Connected),
            Event::Closed => self.close_by_client(),
            Event::KeyframeRequest(request) => {
                if let Some(track) = self.down.by_mid(request.mid) {
                    self.events
                        .push_back(PeerEvent::KeyframeRequested(track.id));
                }
            }
            // Before it has sent anything, a sender reports a time that means nothing.
            Event::SenderFeedback(report) if report.sender_info.sender_packet_count == 0 => {}
            Event::SenderFeedback(report) => {
                let Some(slot) = self.up.by_mid(&report.mid) else {
                    return;
                };
                self.events
                    .push_back(PeerEvent::SenderReport(UpSenderReport {
                        track: slot.id,
                        stream: slot.stream(report.rid),
                        ntp: report.sender_info.ntp_time,
                        rtp: report.sender_info.rtp_time.numer(),
                    }));
            }
            Event::StreamPaused(paused) => {
                let Some(slot) = self.up.by_mid(&paused.mid) else {
                    return;
                };
                let stream = slot.stream(paused.rid);
                self.events.push_back(PeerEvent::StreamPaused {
                    track: slot.id,
                    stream,
                    paused: paused.paused,
                });
            }
            Event::MediaIngressStats(stats) => {
                let nacks = self.nacks.sent(stats.mid, stats.rid, stats.nacks);
                let Some(slot) = self.up.by_mid(&stats.mid) else {
                    return;
                };
                self.events
                    .push_back(PeerEvent::UpTrackReport(UpTrackReport {
                        track: slot.id,
                        stream: slot.stream(stats.rid),
                        loss: stats.loss,
                        rtt: stats.rtt,
                        nacks,
                    }));
            }
            Event::MediaEgressStats(stats) => {
                let nacks = self.nacks.received(stats.mid, stats.rid, stats.nacks);
                let Some(track) = self.down.by_mid(stats.mid) else {
                    return;
                };
                self.events
                    .push_back(PeerEvent::DownTrackReport(DownTrackReport {
                        track: track.id,
                        loss: stats.loss,
                        rtt: stats.rtt,
                        nacks,
                    }));
            }
            Event::EgressBitrateEstimate(BweKind::Remb { estimate, .. }) => {
                let estimate = Some(estimate.as_u64());
                if self.estimate != estimate {
                    self.estimate = estimate;
                    self.events
                        .extend(estimate.map(PeerEvent::BandwidthEstimate));
                }
            }
            Event::ChannelOpen(id, label) => {
                if let Some(channel) = self.data.opened(id, &label) {
                    self.events.push_back(PeerEvent::DataChannelOpen(channel));
                }
            }
            Event::ChannelData(message) => {
                if let Some(channel) = self.data.label(message.id) {
                    self.events.push_back(PeerEvent::Data {
                        channel,
                        payload: message.data,
                    });
                }
            }
            Event::ChannelClose(id) => self.data.closed(id),
            _ => {}
        }
    }

    fn close_by_client(&mut self) {
        if !std::mem::replace(&mut self.closed, true) {
            self.events
                .push_back(PeerEvent::Closed(CloseReason::Remote));
        }
    }

    fn handle_rtp(&mut self, packet: RtpPacket) {
        let Some(codec) = self.payload_types.codec(packet.header.payload_type) else {
            return;
        };
        let ssrc = packet.header.ssrc;
        let known = self.streams.get(&ssrc).copied().or_else(|| {
            let mut direct = self.rtc.direct_api();
            let stream = direct.stream_rx(&ssrc)?;
            let slot = self.up.by_mid(&stream.mid())?;
            Some((slot.id, slot.stream(stream.rid()), slot.kind))
        });
        let Some((track, stream, kind)) = known else {
            return;
        };
        self.streams.insert(ssrc, (track, stream, kind));
        // One bundle, one set of payload types: nothing else keeps video off the m-line of a microphone.
        if codec.is_video() != kind.is_video() {
            return;
        }
        self.events.push_back(PeerEvent::Rtp(UpRtp {
            track,
            stream,
            codec,
            packet,
        }));
    }

    /// Asks for a negotiation when tracks wait for one.
    fn want_negotiation(&mut self) {
        if self.down.any_waiting() || self.restart || self.offers_ended_tracks() {
            self.ask_negotiation();
        }
    }

    /// Whether the client still takes an m-line for sending whose track ended while an offer was unanswered.
    fn offers_ended_tracks(&self) -> bool {
        self.role == PeerRole::Subscriber
            && self.down.slots.iter().any(|slot| {
                let media = self.rtc.media(slot.mid);
                self.down.is_free(slot.mid)
                    && media.is_some_and(|media| media.direction().is_sending())
            })
    }

    fn ask_negotiation(&mut self) {
        let negotiates_down = self.role != PeerRole::Publisher;
        if negotiates_down
            && self.outstanding.is_none()
            && !std::mem::replace(&mut self.requested, true)
        {
            self.events.push_back(PeerEvent::NegotiationNeeded);
        }
    }

    /// After an ICE restart by the client str0m has chosen a new ufrag: put our number into it again.
    fn keep_ufrag(&mut self, answer: &mut sdp::Sdp) {
        let mut direct = self.rtc.direct_api();
        let credentials = direct.local_ice_credentials();
        if PeerId::from_ufrag(&credentials.ufrag) == Some(self.id) {
            return;
        }
        let ufrag = self.id.ufrag_from(&credentials.ufrag);
        answer.replace_ufrag(&credentials.ufrag, &ufrag);
        direct.set_local_ice_credentials(IceCreds {
            ufrag,
            pass: credentials.pass,
        });
    }
}

/// Beyond any timer of a closed connection.
const FAR_FUTURE: Duration = Duration::from_hours(24);

fn host_candidate(candidate: LocalCandidate) -> Option<Candidate> {
    let built = match candidate {
        LocalCandidate::Udp(address) => Candidate::host(address, "udp"),
        LocalCandidate::TcpPassive(address) => Candidate::builder()
            .tcp()
            .host(address)
            .tcptype(TcpType::Passive)
            .build(),
    };
    built
        .inspect_err(|error| tracing::warn!(?candidate, %error, "candidate left out"))
        .ok()
}

fn receive(datagram: &Datagram) -> Option<Receive<'_>> {
    let protocol = match datagram.route.transport {
        Transport::Udp => Protocol::Udp,
        Transport::Tcp => Protocol::Tcp,
    };
    Receive::new(
        protocol,
        datagram.route.remote,
        datagram.route.local,
        &datagram.payload,
    )
    .ok()
}
