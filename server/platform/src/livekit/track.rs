//! What LiveKit's tracks are, whatever their publishers call them.

use livekit_protocol as proto;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::token::Permissions;

/// What a track shows or lets hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrackSource {
    Microphone,
    Camera,
    ScreenShare,
    ScreenShareAudio,
    Unknown,
}

impl TrackSource {
    /// What a track is. That it is video or sound is a fact; the rest is what the client says, and livekit-server lets a
    /// camera go by the name of a microphone.
    pub fn of(track: &proto::TrackInfo) -> TrackSource {
        use proto::TrackSource as Named;
        let is = |mime_type: &str, kind: &str| {
            mime_type
                .split_once('/')
                .is_some_and(|(found, _)| found.eq_ignore_ascii_case(kind))
        };
        let has = |kind| {
            is(&track.mime_type, kind)
                || track.codecs.iter().any(|codec| is(&codec.mime_type, kind))
        };
        let is_video = has("video") || (track.r#type() == proto::TrackType::Video && !has("audio"));
        match (track.source(), is_video) {
            _ if track.r#type() == proto::TrackType::Data => TrackSource::Unknown,
            (Named::ScreenShare | Named::ScreenShareAudio, true) => TrackSource::ScreenShare,
            (Named::ScreenShare | Named::ScreenShareAudio, false) => TrackSource::ScreenShareAudio,
            (Named::Camera | Named::Microphone | Named::Unknown, true) => TrackSource::Camera,
            (Named::Camera | Named::Microphone | Named::Unknown, false) => TrackSource::Microphone,
        }
    }

    /// What a permission calls by that name.
    pub fn named(source: proto::TrackSource) -> TrackSource {
        match source {
            proto::TrackSource::Microphone => TrackSource::Microphone,
            proto::TrackSource::Camera => TrackSource::Camera,
            proto::TrackSource::ScreenShare => TrackSource::ScreenShare,
            proto::TrackSource::ScreenShareAudio => TrackSource::ScreenShareAudio,
            proto::TrackSource::Unknown => TrackSource::Unknown,
        }
    }

    /// Whether the client calls the track what it is.
    pub fn is_named_by(self, source: proto::TrackSource) -> bool {
        match self {
            TrackSource::Microphone => source == proto::TrackSource::Microphone,
            TrackSource::Camera => source == proto::TrackSource::Camera,
            TrackSource::ScreenShare => source == proto::TrackSource::ScreenShare,
            TrackSource::ScreenShareAudio => source == proto::TrackSource::ScreenShareAudio,
            TrackSource::Unknown => true,
        }
    }

    /// Whether somebody with these permissions may send it.
    pub fn is_allowed_by(self, permissions: Permissions) -> bool {
        match self {
            TrackSource::Microphone => permissions.audio,
            TrackSource::Camera => permissions.video,
            TrackSource::ScreenShare | TrackSource::ScreenShareAudio => permissions.screen_share,
            TrackSource::Unknown => true,
        }
    }
}

impl From<TrackSource> for proto::TrackSource {
    fn from(source: TrackSource) -> proto::TrackSource {
        match source {
            TrackSource::Microphone => proto::TrackSource::Microphone,
            TrackSource::Camera => proto::TrackSource::Camera,
            TrackSource::ScreenShare => proto::TrackSource::ScreenShare,
            TrackSource::ScreenShareAudio => proto::TrackSource::ScreenShareAudio,
            TrackSource::Unknown => proto::TrackSource::Unknown,
        }
    }
}
