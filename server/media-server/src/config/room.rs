//! `room`: defaults of rooms.

use serde::Deserialize;

use super::Presets;

/// Defaults of a room that is created without its own settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct Room {
    /// A join opens the room.
    pub auto_create: bool,
    /// Codecs, most wanted first.
    pub enabled_codecs: Vec<CodecSpec>,
    /// 0 means no limit.
    pub max_participants: u32,
    /// Seconds an unvisited room stays open.
    pub empty_timeout: u32,
    /// Seconds a room stays open after the last one left.
    pub departure_timeout: u32,
    /// An administrator may unmute others.
    pub enable_remote_unmute: bool,
    /// Audio and video of a publisher share a stream.
    pub sync_streams: bool,
    /// Webhooks of tracks carry the whole room and participant.
    pub enable_full_room_in_webhooks: bool,
    /// Rooms that are opened by a name.
    pub room_configurations: Presets,
    /// Of older LiveKit versions, now in `limit`; 0 when absent.
    pub max_metadata_size: usize,
    /// Of older LiveKit versions, now in `limit`; 0 when absent.
    pub max_room_name_length: usize,
    /// Of older LiveKit versions, now in `limit`; 0 when absent.
    pub max_participant_identity_length: usize,
}

/// One codec.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CodecSpec {
    /// For example `video/VP8`.
    pub mime: String,
    /// Usually empty.
    pub fmtp_line: String,
}

impl Default for Room {
    fn default() -> Self {
        let codecs = [
            "audio/PCMU",
            "audio/PCMA",
            "audio/opus",
            "audio/red",
            "video/VP8",
            "video/H264",
            "video/VP9",
            "video/AV1",
            "video/H265",
            "video/rtx",
        ];
        let spec = |mime: &str| CodecSpec {
            mime: mime.to_owned(),
            fmtp_line: String::new(),
        };
        Self {
            auto_create: true,
            enabled_codecs: codecs.map(spec).to_vec(),
            max_participants: 0,
            empty_timeout: 300,
            departure_timeout: 20,
            enable_remote_unmute: false,
            sync_streams: false,
            enable_full_room_in_webhooks: false,
            room_configurations: Presets::default(),
            max_metadata_size: 0,
            max_room_name_length: 0,
            max_participant_identity_length: 0,
        }
    }
}
