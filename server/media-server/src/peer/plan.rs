//! What the signal session knows about an offer and the peer connection does not, and what it gets back.

use std::collections::BTreeMap;

use str0m::media::MediaKind;

use crate::forward::Codec;

/// Which part of LiveKit's negotiation a connection plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PeerRole {
    /// Dual mode: the client offers what it sends.
    Publisher,
    /// Dual mode: the server offers what it sends.
    Subscriber,
    /// Single mode: the client offers both directions.
    Single,
}

/// How the tracks of an offer are to be answered.
#[derive(Debug, Clone, Default)]
pub struct AnswerPlan {
    /// Announced (`addTrack`) and already published tracks of this participant, oldest first; every track that the
    /// participant may publish belongs here on every offer.
    pub tracks: Vec<PublishPlan>,
}

/// One announced track: which m-line it is, and how the browser is told to encode it.
#[derive(Debug, Clone)]
pub struct PublishPlan {
    /// The server's track id (`TR_…`), repeated in [`super::UpTrack`].
    pub track_sid: String,
    /// Audio or video.
    pub kind: MediaKind,
    /// `addTrack.cid` and each `simulcast_codecs[].cid` with its codec; an offer's m-line belongs to the track when its
    /// msid names one of them, or (Firefox, replaced tracks) is the next unnamed one of the kind.
    pub sources: Vec<PublishSource>,
    /// Put RED before Opus: neither `disable_red` nor end-to-end encryption is on.
    pub red: bool,
    /// Ask for Opus DTX: `TF_NO_DTX` is absent.
    pub dtx: bool,
    /// `TF_STEREO`.
    pub stereo: bool,
}

/// One encoding of a track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishSource {
    /// The client's track id.
    pub cid: String,
    /// The codec asked for; `None` leaves the choice to [`super::PeerConfig::codecs`].
    pub codec: Option<Codec>,
}

/// A track to be sent to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownTrackSpec {
    /// `TR_…`, the second word of its msid.
    pub track_sid: String,
    /// First word of its msid: `PA_…|TR_…`, or `PA_…|<stream name>` with `room.sync_streams`.
    pub stream_id: String,
    /// Audio or video.
    pub kind: MediaKind,
    /// Codecs the publisher may send, the present one first.
    pub codecs: Vec<Codec>,
    /// The publisher's format parameters for the first codec ([`super::UpTrack::fmtp`]).
    pub fmtp: Option<String>,
    /// The publisher sends stereo.
    pub stereo: bool,
}

/// A session description on the signal connection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Description {
    /// SDP text.
    pub sdp: String,
    /// `SessionDescription.id`: an answer repeats the offer's; ours start at 1.
    pub id: u32,
    /// `SessionDescription.mid_to_track_id`: which down track plays on which m-line.
    pub mid_to_track_id: BTreeMap<String, String>,
}

/// `mediaSectionsRequirement`: how many *more* receiving m-lines the client has to offer; both zero asks for an offer
/// with what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SectionsRequirement {
    /// Audio sections.
    pub audios: u32,
    /// Video sections.
    pub videos: u32,
}
