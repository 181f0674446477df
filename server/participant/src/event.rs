//! What a participant is told of its room.

use std::time::{Instant, SystemTime};

use livekit_protocol as proto;
use str0m::format;

use crate::JoinError;

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// We are in the room. Comes first, and again after a [`Event::Reconnected`] that did not resume: it then replaces
    /// all that was known.
    Joined {
        /// The room.
        room: Box<proto::Room>,
        /// Ourselves.
        me: Box<proto::ParticipantInfo>,
        /// Everybody else.
        others: Vec<proto::ParticipantInfo>,
        /// Name and version of the server.
        server: Box<proto::ServerInfo>,
    },
    /// Somebody came or changed: names, metadata, tracks with their mutes, permissions; also ourselves. Who left has the
    /// state `DISCONNECTED`.
    Participant(Box<proto::ParticipantInfo>),
    /// The room changed, such as its metadata or whether it is recorded.
    Room(Box<proto::Room>),
    /// A track is sent to us from now on.
    Subscribed {
        /// The track, `TR_…`.
        track: String,
        /// Whose it is, `PA_…`.
        participant_sid: String,
        /// The track as its publisher announced it.
        info: Box<proto::TrackInfo>,
        /// Its codec; a publisher with a backup codec may send another, as each [`Frame`] says.
        codec: Codec,
    },
    /// A track is no longer sent to us.
    Unsubscribed {
        /// The track, `TR_…`.
        track: String,
    },
    /// A frame of a track, with [`Receive::Frames`](crate::Receive::Frames).
    Frame(Frame),
    /// Who became louder or quieter: only changes, silent ones with `active` false.
    Speakers(Vec<proto::SpeakerInfo>),
    /// The connection is lost and being repaired; media may go on meanwhile.
    Reconnecting,
    /// The connection is back.
    Reconnected {
        /// The stay goes on with all its tracks; otherwise we joined anew and [`Event::Joined`] follows.
        resumed: bool,
    },
    /// The last event.
    Left(LeaveReason),
}

/// Why we are no longer in the room.
#[derive(Debug)]
pub enum LeaveReason {
    /// We were asked to, or nobody holds the [`Participant`](crate::Participant) any more.
    Asked,
    /// The server said so.
    Server(proto::DisconnectReason),
    /// The connection was lost, and no attempt to come back succeeded in time; the error is the last one's.
    Lost(JoinError),
}

/// One frame of video, or one packet of audio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The track, `TR_…`.
    pub track: String,
    /// What `data` is.
    pub codec: Codec,
    /// Ticks of `rtp_time` in a second.
    pub clock_rate: u32,
    /// RTP timestamp, extended so that it does not wrap.
    pub rtp_time: u64,
    /// When the first packet of the frame arrived.
    pub arrived: Instant,
    /// The sender's last report before the frame, if there was one.
    pub report: Option<SenderReport>,
    /// A decoder can begin here; true for all audio.
    pub keyframe: bool,
    /// Nothing of the track is missing between the frame before and this one.
    pub contiguous: bool,
    /// The frame as the codec knows it, without RTP: H.264 in Annex B, AV1 as a temporal unit of OBUs with sizes.
    pub data: Vec<u8>,
}

/// How the sender's wall clock and the RTP time of a track belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderReport {
    /// The sender's wall clock.
    pub ntp: SystemTime,
    /// The same moment in the track's extended RTP time.
    pub rtp_time: u64,
}

/// The codecs that are received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Codec {
    Opus,
    Vp8,
    Vp9,
    H264,
    Av1,
}

impl Codec {
    /// From LiveKit's `mime_type`; RED arrives as the Opus in it.
    pub fn from_mime(mime: &str) -> Option<Self> {
        Some(match mime.to_ascii_lowercase().as_str() {
            "audio/opus" | "audio/red" => Self::Opus,
            "video/vp8" => Self::Vp8,
            "video/vp9" => Self::Vp9,
            "video/h264" => Self::H264,
            "video/av1" => Self::Av1,
            _ => return None,
        })
    }

    /// LiveKit's `mime_type`.
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Opus => "audio/opus",
            Self::Vp8 => "video/VP8",
            Self::Vp9 => "video/VP9",
            Self::H264 => "video/H264",
            Self::Av1 => "video/AV1",
        }
    }

    /// Whether it is a picture.
    pub const fn is_video(self) -> bool {
        !matches!(self, Self::Opus)
    }

    /// Ticks of its RTP clock in a second.
    pub const fn clock_rate(self) -> u32 {
        if self.is_video() { 90_000 } else { 48_000 }
    }

    pub(crate) fn from_str0m(codec: format::Codec) -> Option<Self> {
        Some(match codec {
            format::Codec::Opus => Self::Opus,
            format::Codec::Vp8 => Self::Vp8,
            format::Codec::Vp9 => Self::Vp9,
            format::Codec::H264 => Self::H264,
            format::Codec::Av1 => Self::Av1,
            _ => return None,
        })
    }
}
