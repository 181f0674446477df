//! What a peer connection tells its owner; shapes only.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use str0m::media::{MediaKind, Rid};
use str0m::net::Transmit;
use str0m::rtp::RtpPacket;

use crate::forward::Codec;

/// Result of [`super::Peer::poll_output`].
#[expect(
    clippy::large_enum_variant,
    reason = "an RTP packet is the common case and lives for one call only"
)]
#[derive(Debug)]
pub enum Output {
    /// Nothing more until this moment or the next input.
    Timeout(Instant),
    /// A datagram for the network; `source` is the local candidate it leaves from.
    Transmit(Transmit),
    /// News for the owner.
    Event(PeerEvent),
}

/// A track the client sends us: one m-line with its simulcast streams. Never reused within a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UpTrackId(pub(crate) u32);

/// A track we send to the client. Never reused within a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DownTrackId(pub(crate) u32);

/// The data channels of LiveKit clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DataChannel {
    /// `_reliable`: ordered.
    Reliable,
    /// `_lossy`: unordered, never retransmitted.
    Lossy,
    /// `_data_track`: unordered, never retransmitted.
    DataTrack,
}

impl DataChannel {
    /// All of them, in the order they are opened.
    pub const ALL: [Self; 3] = [Self::Reliable, Self::Lossy, Self::DataTrack];

    /// The channel's label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Reliable => "_reliable",
            Self::Lossy => "_lossy",
            Self::DataTrack => "_data_track",
        }
    }

    /// The channel with this label.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|channel| channel.label() == label)
    }
}

/// Events in the order they happen.
#[expect(
    clippy::large_enum_variant,
    reason = "an RTP packet is the common case and lives for one call only"
)]
#[derive(Debug)]
pub enum PeerEvent {
    /// ICE found a path (again).
    IceConnected,
    /// Nothing has arrived for ten seconds; an ICE restart, or the client coming back, helps.
    IceDisconnected,
    /// Nothing has arrived for fifteen seconds, or no path was ever found. The connection can still be revived.
    IceFailed,
    /// DTLS is up, once: media and data can flow. A participant becomes ACTIVE on this event of its primary transport.
    Connected,
    /// The connection is over and will not come back: the client said goodbye or the handshake failed.
    Closed(CloseReason),
    /// An m-line of the client carries a track now. Comes while the offer is handled, before any packet.
    UpTrack(UpTrack),
    /// The client stopped sending on the track's m-line, or gave it to another track (unpublish has no message of its
    /// own in single peer connection mode).
    UpTrackGone(UpTrackId),
    /// A packet of a published track.
    Rtp(UpRtp),
    /// The publisher's clock for one stream, from its RTCP sender report.
    SenderReport(UpSenderReport),
    /// A stream has sent nothing for a while, or sends again.
    StreamPaused {
        /// The track.
        track: UpTrackId,
        /// Simulcast stream, low to high.
        stream: u8,
        /// Whether it paused.
        paused: bool,
    },
    /// The down track has an m-line that the client knows: packets of these codecs may be written. Comes again when
    /// a later negotiation moves the track to another m-line.
    DownTrackReady {
        /// The track.
        track: DownTrackId,
        /// The track's codecs that the client accepts; RED is among them only when it was negotiated.
        codecs: Vec<Codec>,
    },
    /// The client cannot decode the track's codec; no packet will be accepted for it.
    DownTrackRefused(DownTrackId),
    /// The client needs a keyframe of a down track (PLI or FIR).
    KeyframeRequested(DownTrackId),
    /// The client reports how much it believes it can receive, in bits per second (REMB).
    BandwidthEstimate(u64),
    /// The client's report on one down track, once per second or so.
    DownTrackReport(DownTrackReport),
    /// The server's own view of an incoming stream, once per second or so.
    UpTrackReport(UpTrackReport),
    /// A LiveKit data channel opened.
    DataChannelOpen(DataChannel),
    /// A message arrived on a data channel.
    Data {
        /// Where it arrived.
        channel: DataChannel,
        /// The message as it is.
        payload: Vec<u8>,
    },
    /// Down tracks changed: ask for a negotiation (after a debounce) with [`super::Peer::create_offer`] or
    /// [`super::Peer::sections_requirement`]. Not repeated until the next description is handled.
    NegotiationNeeded,
}

/// Why a connection is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The client closed DTLS or SCTP.
    Remote,
    /// DTLS or SRTP failed, for instance a fingerprint that does not match.
    Handshake,
}

/// A new track of the client.
#[derive(Debug, Clone)]
pub struct UpTrack {
    /// Its name in later events.
    pub id: UpTrackId,
    /// The m-line (`TrackInfo.mid`).
    pub mid: String,
    /// The track of the [`super::AnswerPlan`] it belongs to.
    pub track_sid: String,
    /// The planned source it matched (`PublishSource.cid`).
    pub cid: String,
    /// The id that the offer gave it, when that differs from `cid` (`SimulcastCodecInfo.sdp_cid`).
    pub sdp_cid: Option<String>,
    /// Audio or video.
    pub kind: MediaKind,
    /// Simulcast streams low to high; empty when there is one stream without a name.
    pub rids: Vec<Rid>,
    /// What the client will send, unless it later chooses otherwise: see [`UpRtp::codec`].
    pub codec: Codec,
    /// The codec's format parameters in the answer, to pick the same variant (H264 profile) for subscribers.
    pub fmtp: Option<String>,
}

/// A packet of a published track.
#[derive(Debug)]
pub struct UpRtp {
    /// The track.
    pub track: UpTrackId,
    /// Simulcast stream, low to high; 0 without simulcast.
    pub stream: u8,
    /// The codec by the packet's payload type.
    pub codec: Codec,
    /// The packet; its `payload` is shared, not copied, on the way to the subscribers.
    pub packet: RtpPacket,
}

impl UpRtp {
    /// The dependency descriptor header extension, as it came.
    pub fn dependency_descriptor(&self) -> Option<&[u8]> {
        super::extension::dependency_descriptor(&self.packet.header.ext_vals)
    }
}

/// RTCP sender report of one stream.
#[derive(Debug, Clone, Copy)]
pub struct UpSenderReport {
    /// The track.
    pub track: UpTrackId,
    /// Simulcast stream, low to high.
    pub stream: u8,
    /// The publisher's wall clock.
    pub ntp: SystemTime,
    /// The same moment in extended RTP time.
    pub rtp: u64,
}

/// What the client receives of a down track.
#[derive(Debug, Clone, Copy)]
pub struct DownTrackReport {
    /// The track.
    pub track: DownTrackId,
    /// Lost packets since the last report, 0 to 1.
    pub loss: Option<f32>,
    /// Round trip time.
    pub rtt: Option<std::time::Duration>,
    /// How often the client asked for packets again since the last report.
    pub nacks: u64,
}

/// What the server receives of an up track's stream.
#[derive(Debug, Clone, Copy)]
pub struct UpTrackReport {
    /// The track.
    pub track: UpTrackId,
    /// Simulcast stream, low to high.
    pub stream: u8,
    /// Lost packets since the last report, 0 to 1.
    pub loss: Option<f32>,
    /// Round trip time.
    pub rtt: Option<std::time::Duration>,
    /// How often the client was asked for packets again since the last report.
    pub nacks: u64,
}

/// A packet to write to a down track; `payload` is the upstream packet's own.
#[derive(Debug)]
pub struct DownRtp<'a> {
    /// What the forwarder decided: sequence, time, marker, VP8 patch.
    pub packet: &'a crate::forward::DownPacket,
    /// Payload shared with the upstream packet.
    pub payload: &'a Arc<[u8]>,
    /// The codec of the payload (RED and Opus share one track).
    pub codec: Codec,
    /// The upstream packet's header extensions; those with an end-to-end meaning are passed on.
    pub extensions: &'a str0m::rtp::ExtensionValues,
    /// When the payload was captured or, failing that, received: becomes the clock of our sender reports.
    pub wallclock: Instant,
}
