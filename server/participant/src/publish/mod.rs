//! Tracks of our own: what they are, and where their frames come from.

mod local_track;
mod publications;
mod synthetic_audio;
mod synthetic_video;

use livekit_protocol as proto;

pub use local_track::{LocalFrame, LocalTrack};
pub(crate) use publications::{Publication, Publications};

use crate::event::Codec;

/// A track to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    /// Its name.
    pub name: String,
    /// What it shows or where it is heard.
    pub source: proto::TrackSource,
    /// Where its frames come from.
    pub content: Content,
}

/// Where frames come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A plain picture in VP8 at 30 frames per second, in one to three simulcast layers.
    SyntheticVideo {
        /// Bits per second of the best layer; the one below has a quarter, the lowest a twelfth.
        bits_per_second: u32,
        /// How many layers.
        layers: u8,
        /// Whether whoever asks for a keyframe gets one.
        keyframes: bool,
    },
    /// A tone in Opus, silent until [`LocalTrack::speak`].
    SyntheticAudio,
    /// From [`LocalTrack::write`].
    Frames {
        /// What they are.
        codec: Codec,
        /// How many simulcast layers.
        layers: u8,
        /// Width and height of the best layer; not looked at for audio.
        size: (u32, u32),
    },
}

impl Content {
    /// What the frames are.
    pub const fn codec(self) -> Codec {
        match self {
            Self::SyntheticVideo { .. } => Codec::Vp8,
            Self::SyntheticAudio => Codec::Opus,
            Self::Frames { codec, .. } => codec,
        }
    }

    /// How many simulcast layers.
    pub const fn layers(self) -> u8 {
        match self {
            Self::SyntheticAudio => 1,
            Self::SyntheticVideo { layers, .. } | Self::Frames { layers, .. } => match layers {
                0 | 1 => 1,
                2 => 2,
                _ => 3,
            },
        }
    }
}

/// Why a track is not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// Packets of the codec cannot be made where received ones are only counted.
    #[error("{0:?} cannot be sent on a connection that only counts packets")]
    Codec(Codec),
    /// The server does not take it.
    #[error("the server refused the track: {0:?}")]
    Refused(proto::request_response::Reason),
    /// The participant left.
    #[error("the participant is not in the room any more")]
    Left,
}
