//! What the rooms take from LiveKit's YAML, already parsed. It must not know the file.

use std::sync::Arc;
use std::time::Duration;

use livekit_protocol as proto;
use livekit_wire::ApiKeys;

/// STUN and TURN servers for one participant, by its `PA_…` sid.
pub type IceServers = dyn Fn(&str) -> Vec<proto::IceServer> + Send + Sync;

/// Settings shared by every room of the node.
#[derive(Clone)]
pub struct Settings {
    /// `room:` of the YAML.
    pub room: RoomDefaults,
    /// `limit:` of the YAML.
    pub limits: Limits,
    /// `keys:` of the YAML; the first one signs refresh tokens.
    pub keys: ApiKeys,
    /// What `JoinResponse.server_info` says.
    pub node: NodeInfo,
    /// STUN and TURN servers for one participant (credentials are made per `PA_…` sid).
    pub ice_servers: Arc<IceServers>,
    /// `rtc.congestion_control.allow_pause`.
    pub allow_pause: bool,
}

/// Defaults of a room that is created without its own.
#[derive(Debug, Clone)]
pub struct RoomDefaults {
    /// A join opens the room.
    pub auto_create: bool,
    /// Closes when nobody came for this long.
    pub empty_timeout: Duration,
    /// Closes this long after the last one left.
    pub departure_timeout: Duration,
    /// 0 means no limit.
    pub max_participants: u32,
    /// Codecs offered to publishers, by mime type.
    pub enabled_codecs: Vec<proto::Codec>,
    /// An administrator may unmute others.
    pub enable_remote_unmute: bool,
    /// Audio and video of one publisher share a stream id.
    pub sync_streams: bool,
    /// Webhooks of tracks carry the whole room and participant.
    pub full_room_in_webhooks: bool,
}

impl Default for RoomDefaults {
    fn default() -> Self {
        let mime_types = [
            "audio/opus",
            "audio/red",
            "video/VP8",
            "video/H264",
            "video/VP9",
            "video/AV1",
            "video/rtx",
        ];
        Self {
            auto_create: true,
            empty_timeout: Duration::from_mins(5),
            departure_timeout: Duration::from_secs(20),
            max_participants: 0,
            enabled_codecs: mime_types
                .map(|mime| proto::Codec {
                    mime: mime.to_owned(),
                    fmtp_line: String::new(),
                })
                .to_vec(),
            enable_remote_unmute: false,
            sync_streams: false,
            full_room_in_webhooks: false,
        }
    }
}

/// Sizes beyond which input is refused; 0 means no limit.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a room's or participant's metadata.
    pub max_metadata_size: usize,
    /// Bytes of all attributes of a participant, keys and values.
    pub max_attributes_size: usize,
    /// Bytes of a participant's display name.
    pub max_participant_name_length: usize,
    /// Signal messages a client may send per second, averaged over ten.
    pub max_signal_messages_per_second: u32,
    /// Tracks one participant may publish at a time.
    pub max_tracks_per_participant: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_metadata_size: 512 * 1024,
            max_attributes_size: 64 * 1024,
            max_participant_name_length: 256,
            max_signal_messages_per_second: 200,
            max_tracks_per_participant: 64,
        }
    }
}

/// The node as clients see it.
#[derive(Debug, Clone)]
pub struct NodeInfo {
    /// `ND_…`
    pub node_id: String,
    /// The LiveKit version whose protocol is spoken.
    pub version: String,
    /// `region` of the YAML; usually empty.
    pub region: String,
}
