//! Which tracks of a room are recorded. It must not know why.

use livekit_wire::proto::{ParticipantInfo, TrackInfo, TrackSource};
use serde::{Deserialize, Serialize};

use super::codec::Codec;

/// What is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selector {
    /// Everybody's.
    Room {
        /// Pictures.
        video: bool,
        /// Sound.
        audio: bool,
    },
    /// One participant's.
    Participant {
        /// Who.
        identity: String,
        /// Their screen in place of their camera.
        screen_share: bool,
    },
    /// These, by their ids; empty for none.
    Tracks {
        /// Sound.
        audio: String,
        /// Picture.
        video: String,
    },
    /// One, as it is.
    Track {
        /// Its id.
        id: String,
    },
}

impl Selector {
    /// Whether this track belongs to the recording.
    pub fn wants(&self, participant: &ParticipantInfo, track: &TrackInfo) -> bool {
        let codec = participant::Codec::from_mime(&track.mime_type).map(Codec::from);
        match self {
            Selector::Room { video, audio } => {
                codec.is_none_or(|codec| if codec.is_audio() { *audio } else { *video })
            }
            Selector::Participant {
                identity,
                screen_share,
            } => {
                let source = track.source();
                let of_screen = matches!(
                    source,
                    TrackSource::ScreenShare | TrackSource::ScreenShareAudio
                );
                participant.identity == *identity && of_screen == *screen_share
            }
            Selector::Tracks { audio, video } => track.sid == *audio || track.sid == *video,
            Selector::Track { id } => track.sid == *id,
        }
    }

    /// Whether nothing more can come when `participant` is gone.
    pub fn ends_with(&self, participant: &ParticipantInfo) -> bool {
        match self {
            Selector::Participant { identity, .. } => participant.identity == *identity,
            Selector::Room { .. } | Selector::Tracks { .. } | Selector::Track { .. } => false,
        }
    }

    /// Whether nothing more can come when none of its tracks is there any more.
    pub fn ends_without_tracks(&self) -> bool {
        match self {
            Selector::Tracks { .. } | Selector::Track { .. } => true,
            Selector::Room { .. } | Selector::Participant { .. } => false,
        }
    }

    /// Whether a picture may be waited for.
    pub fn has_video(&self) -> bool {
        match self {
            Selector::Room { video, .. } => *video,
            Selector::Tracks { video, .. } => !video.is_empty(),
            Selector::Participant { .. } | Selector::Track { .. } => true,
        }
    }

    /// Whether sound belongs to the film.
    pub fn has_audio(&self) -> bool {
        match self {
            Selector::Room { audio, .. } => *audio,
            Selector::Tracks { audio, .. } => !audio.is_empty(),
            Selector::Participant { .. } | Selector::Track { .. } => true,
        }
    }
}
