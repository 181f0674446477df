//! What the rooms take from LiveKit's YAML, whose defaults and limits stand in `config`. It must not know the file.

use std::sync::Arc;
use std::time::Duration;

use livekit_protocol as proto;
use livekit_wire::ApiKeys;

use crate::config::{self, Limit, Presets};

/// STUN and TURN servers for one participant, by its `PA_…` sid.
pub type IceServers = dyn Fn(&str) -> Vec<proto::IceServer> + Send + Sync;

/// Settings shared by every room of the node.
#[derive(Clone)]
pub struct Settings {
    /// `room:` of the YAML.
    pub room: RoomDefaults,
    /// `limit:` of the YAML.
    pub limit: Limit,
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
    /// Rooms that are opened by a name.
    pub presets: Presets,
}

impl From<&config::Room> for RoomDefaults {
    fn from(room: &config::Room) -> Self {
        Self {
            auto_create: room.auto_create,
            empty_timeout: Duration::from_secs(room.empty_timeout.into()),
            departure_timeout: Duration::from_secs(room.departure_timeout.into()),
            max_participants: room.max_participants,
            enabled_codecs: room
                .enabled_codecs
                .iter()
                .map(|codec| proto::Codec {
                    mime: codec.mime.clone(),
                    fmtp_line: codec.fmtp_line.clone(),
                })
                .collect(),
            enable_remote_unmute: room.enable_remote_unmute,
            sync_streams: room.sync_streams,
            full_room_in_webhooks: room.enable_full_room_in_webhooks,
            presets: room.room_configurations.clone(),
        }
    }
}

impl Default for RoomDefaults {
    fn default() -> Self {
        Self::from(&config::Room::default())
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

/// The newest client protocol the server speaks.
const SERVER_PROTOCOL: i32 = 17;
/// The newest protocol of agents' workers.
const AGENT_PROTOCOL: i32 = 1;

impl NodeInfo {
    /// As clients and workers are told.
    pub fn server_info(&self) -> proto::ServerInfo {
        proto::ServerInfo {
            edition: proto::server_info::Edition::Standard.into(),
            version: self.version.clone(),
            protocol: SERVER_PROTOCOL,
            agent_protocol: AGENT_PROTOCOL,
            region: self.region.clone(),
            node_id: self.node_id.clone(),
            ..proto::ServerInfo::default()
        }
    }
}
