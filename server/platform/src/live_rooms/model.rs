//! A live room, its participants and their tracks, as LiveKit tells them; knows neither HTTP nor SQL.

use std::{collections::BTreeMap, fmt, str::FromStr};

use livekit_protocol as proto;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};

use super::place::Reach;
use crate::{
    clock::Timestamp,
    config::RegionName,
    http::openapi,
    livekit::{
        room_service::{RoomName, joined_at},
        track::TrackSource,
    },
    meetings::Present,
    rooms::{RoomId, RoomTitle, Slug},
};

/// In bytes; LiveKit's own bound.
pub const LONGEST_METADATA: usize = 16 * 1024;

/// A room's name on the media server: 1 to 256 bytes without control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LiveRoomName(String);

/// Why a text is no [`LiveRoomName`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "A room's name has 1 to {} bytes, no control characters, and is neither . nor ..",
    LiveRoomName::LONGEST
)]
pub struct InvalidRoomName;

impl LiveRoomName {
    const LONGEST: usize = 256;

    /// As LiveKit is asked for it.
    pub fn livekit_name(&self) -> RoomName {
        RoomName(self.0.clone())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LiveRoomName {
    type Err = InvalidRoomName;

    fn from_str(text: &str) -> Result<LiveRoomName, InvalidRoomName> {
        let fits = (1..=LiveRoomName::LONGEST).contains(&text.len());
        // No address could have these two as a part.
        let is_path = text == "." || text == "..";
        if fits && !is_path && !text.chars().any(char::is_control) {
            Ok(LiveRoomName(text.to_owned()))
        } else {
            Err(InvalidRoomName)
        }
    }
}

impl TryFrom<String> for LiveRoomName {
    type Error = InvalidRoomName;

    fn try_from(text: String) -> Result<LiveRoomName, InvalidRoomName> {
        text.parse()
    }
}

impl From<LiveRoomName> for String {
    fn from(name: LiveRoomName) -> String {
        name.0
    }
}

impl fmt::Display for LiveRoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialSchema for LiveRoomName {
    fn schema() -> RefOr<Schema> {
        openapi::text(1..=LiveRoomName::LONGEST)
            .pattern(Some(r"^[^\u0000-\u001f\u007f-\u009f]+$"))
            .examples(["town-hall"])
            .build()
            .into()
    }
}

impl ToSchema for LiveRoomName {}

/// A room that is live: what the media server says, and where it is the site's, what is on record.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveRoom {
    pub name: String,
    /// LiveKit's RM_…; empty while the room is being made.
    pub sid: String,
    pub created_at: Timestamp,
    /// Seconds that it waits for the first participant.
    pub empty_timeout: u32,
    /// Seconds that it stays after the last one left.
    pub departure_timeout: u32,
    /// 0 = no limit
    pub max_participants: u32,
    /// Recorders and agents are not counted.
    pub num_participants: u32,
    pub num_publishers: u32,
    /// Whether an egress records it.
    pub active_recording: bool,
    pub metadata: String,
    /// `null` for a room that a program made.
    #[schema(required = true)]
    pub site_room: Option<SiteRoom>,
    /// The region where it is.
    pub region: String,
}

/// A room of this site behind a live one, and what is on record of its call.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteRoom {
    pub id: RoomId,
    pub slug: Slug,
    pub name: RoomTitle,
    /// Whether only those come in who were in this meeting, and who runs the room.
    pub locked: bool,
    /// People in the call by the site's record.
    pub present: i64,
    /// When the meeting began; `null` where the record knows of none.
    #[schema(required = true)]
    pub started_at: Option<Timestamp>,
}

impl LiveRoom {
    /// What LiveKit says, beside what is on record.
    pub fn from_livekit(
        room: proto::Room,
        site_room: Option<SiteRoom>,
        region: &RegionName,
    ) -> LiveRoom {
        let created_at = match room.creation_time_ms {
            0 => room.creation_time.saturating_mul(1000),
            millis => millis,
        };
        LiveRoom {
            name: room.name,
            sid: room.sid,
            created_at: Timestamp(created_at),
            empty_timeout: room.empty_timeout,
            departure_timeout: room.departure_timeout,
            max_participants: room.max_participants,
            num_participants: room.num_participants,
            num_publishers: room.num_publishers,
            active_recording: room.active_recording,
            metadata: room.metadata,
            site_room,
            region: region.to_string(),
        }
    }
}

/// Somebody in the call by the site's record.
#[derive(Debug, Serialize, ToSchema)]
pub struct Recorded {
    pub identity: String,
    pub name: String,
    pub joined_at: Timestamp,
}

impl From<Present> for Recorded {
    fn from(present: Present) -> Recorded {
        Recorded {
            identity: present.identity,
            name: present.name,
            joined_at: present.joined_at,
        }
    }
}

/// A participant as the media server has them; also those that others do not see.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveParticipant {
    pub identity: String,
    /// LiveKit's PA_…
    pub sid: String,
    pub name: String,
    pub kind: LiveKind,
    pub state: LiveState,
    pub joined_at: Timestamp,
    /// Where they are connected; empty where the media server has one place only.
    pub region: String,
    /// Whether they have a connection to send media over.
    pub is_publisher: bool,
    /// The version of the protocol for features that their client speaks.
    pub client_protocol: i32,
    pub permission: LivePermission,
    pub metadata: String,
    pub attributes: BTreeMap<String, String>,
    pub tracks: Vec<LiveTrack>,
    /// Whether the one who asks may mute, change, send out and ban them: nobody acts upon a room's owner, and upon its
    /// moderators only who runs the room.
    pub may_moderate: bool,
}

/// What a participant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LiveKind {
    Standard,
    Ingress,
    Egress,
    Sip,
    Agent,
    Connector,
    Bridge,
}

/// How far a participant has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LiveState {
    Joining,
    Joined,
    Active,
    Disconnected,
}

/// What the media server lets a participant do.
#[derive(Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "LiveKit's own permissions, one by one"
)]
pub struct LivePermission {
    pub can_subscribe: bool,
    pub can_publish: bool,
    pub can_publish_data: bool,
    /// Every source, where empty.
    pub can_publish_sources: Vec<TrackSource>,
    pub can_update_metadata: bool,
    /// Whether others do not see them.
    pub hidden: bool,
}

impl From<&proto::ParticipantPermission> for LivePermission {
    fn from(permission: &proto::ParticipantPermission) -> LivePermission {
        LivePermission {
            can_subscribe: permission.can_subscribe,
            can_publish: permission.can_publish,
            can_publish_data: permission.can_publish_data,
            can_publish_sources: permission
                .can_publish_sources()
                .map(TrackSource::named)
                .collect(),
            can_update_metadata: permission.can_update_metadata,
            hidden: permission.hidden,
        }
    }
}

impl LiveParticipant {
    /// A participant of the media server; `reach` says upon whom the one who asks may act.
    pub fn new(info: &proto::ParticipantInfo, reach: &Reach) -> LiveParticipant {
        use proto::participant_info::{Kind, State};
        LiveParticipant {
            // A program's participant may be called what is none of the site's identities.
            may_moderate: info
                .identity
                .parse()
                .is_ok_and(|identity| reach.includes(&identity)),
            identity: info.identity.clone(),
            sid: info.sid.clone(),
            name: info.name.clone(),
            kind: match info.kind() {
                Kind::Standard => LiveKind::Standard,
                Kind::Ingress => LiveKind::Ingress,
                Kind::Egress => LiveKind::Egress,
                Kind::Sip => LiveKind::Sip,
                Kind::Agent => LiveKind::Agent,
                Kind::Connector => LiveKind::Connector,
                Kind::Bridge => LiveKind::Bridge,
            },
            state: match info.state() {
                State::Joining => LiveState::Joining,
                State::Joined => LiveState::Joined,
                State::Active => LiveState::Active,
                State::Disconnected => LiveState::Disconnected,
            },
            joined_at: joined_at(info),
            region: info.region.clone(),
            is_publisher: info.is_publisher,
            client_protocol: info.client_protocol,
            permission: LivePermission::from(&info.permission.clone().unwrap_or_default()),
            metadata: info.metadata.clone(),
            attributes: info.attributes.clone().into_iter().collect(),
            tracks: info.tracks.iter().map(LiveTrack::from).collect(),
        }
    }
}

/// A published track.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveTrack {
    /// LiveKit's TR_…
    pub sid: String,
    /// What its publisher calls it.
    pub name: String,
    pub source: TrackSource,
    pub kind: LiveTrackKind,
    /// Such as `video/VP8`.
    pub mime_type: String,
    pub muted: bool,
    /// Pixels; 0 for sound.
    pub width: u32,
    pub height: u32,
    /// Whether more than one quality is sent.
    pub simulcast: bool,
    pub encryption: LiveEncryption,
    /// One for each codec that is sent.
    pub codecs: Vec<LiveCodec>,
}

/// What a track carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LiveTrackKind {
    Audio,
    Video,
    Data,
}

/// How a track is encrypted end to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LiveEncryption {
    None,
    Gcm,
    Custom,
}

/// One codec of a track.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveCodec {
    pub mime_type: String,
    pub layers: Vec<LiveLayer>,
}

/// One quality of a track.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveLayer {
    pub quality: LiveQuality,
    pub width: u32,
    pub height: u32,
    /// Bits per second that the publisher aims at.
    pub bitrate: u32,
}

/// LiveKit's names of layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LiveQuality {
    Low,
    Medium,
    High,
    Off,
}

impl From<&proto::VideoLayer> for LiveLayer {
    fn from(layer: &proto::VideoLayer) -> LiveLayer {
        LiveLayer {
            quality: match layer.quality() {
                proto::VideoQuality::Low => LiveQuality::Low,
                proto::VideoQuality::Medium => LiveQuality::Medium,
                proto::VideoQuality::High => LiveQuality::High,
                proto::VideoQuality::Off => LiveQuality::Off,
            },
            width: layer.width,
            height: layer.height,
            bitrate: layer.bitrate,
        }
    }
}

impl From<&proto::TrackInfo> for LiveTrack {
    fn from(track: &proto::TrackInfo) -> LiveTrack {
        use proto::encryption::Type;
        let codecs: Vec<_> = track
            .codecs
            .iter()
            .map(|codec| LiveCodec {
                mime_type: codec.mime_type.clone(),
                layers: codec.layers.iter().map(LiveLayer::from).collect(),
            })
            .collect();
        LiveTrack {
            sid: track.sid.clone(),
            name: track.name.clone(),
            source: TrackSource::of(track),
            kind: match track.r#type() {
                proto::TrackType::Audio => LiveTrackKind::Audio,
                proto::TrackType::Video => LiveTrackKind::Video,
                proto::TrackType::Data => LiveTrackKind::Data,
            },
            mime_type: track.mime_type.clone(),
            muted: track.muted,
            width: track.width,
            height: track.height,
            simulcast: codecs.iter().any(|codec| codec.layers.len() > 1),
            encryption: match track.encryption() {
                Type::None => LiveEncryption::None,
                Type::Gcm => LiveEncryption::Gcm,
                Type::Custom => LiveEncryption::Custom,
            },
            codecs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_no_room_is_called_by_is_no_name() {
        for bad in ["", "a\nb", &"x".repeat(257), &"é".repeat(129)] {
            assert_eq!(bad.parse::<LiveRoomName>(), Err(InvalidRoomName), "{bad:?}");
        }
        assert_eq!("!a/b ü".parse::<LiveRoomName>().unwrap().as_str(), "!a/b ü");
    }

    #[test]
    fn a_track_tells_its_codecs_and_layers() {
        let layer = |quality: proto::VideoQuality, height| proto::VideoLayer {
            quality: quality.into(),
            width: height * 2,
            height,
            bitrate: height * 1000,
            ..Default::default()
        };
        let track = LiveTrack::from(&proto::TrackInfo {
            sid: "TR_1".to_owned(),
            r#type: proto::TrackType::Video.into(),
            source: proto::TrackSource::Camera.into(),
            encryption: proto::encryption::Type::Gcm.into(),
            codecs: vec![proto::SimulcastCodecInfo {
                mime_type: "video/VP8".to_owned(),
                layers: vec![
                    layer(proto::VideoQuality::Low, 180),
                    layer(proto::VideoQuality::High, 720),
                ],
                ..Default::default()
            }],
            ..Default::default()
        });
        assert_eq!(
            serde_json::to_value(&track).unwrap(),
            serde_json::json!({
                "sid": "TR_1", "name": "", "source": "camera", "kind": "video", "mime_type": "",
                "muted": false, "width": 0, "height": 0, "simulcast": true, "encryption": "gcm",
                "codecs": [{"mime_type": "video/VP8", "layers": [
                    {"quality": "low", "width": 360, "height": 180, "bitrate": 180_000},
                    {"quality": "high", "width": 1440, "height": 720, "bitrate": 720_000},
                ]}],
            })
        );
    }
}
