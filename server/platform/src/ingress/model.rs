//! An ingress as this site's API tells it; knows neither HTTP nor LiveKit's calls.

use livekit_protocol::{self as proto, ingress_state::Status};
use serde::{Deserialize, Serialize};
use utoipa::{ToSchema, openapi::Object};

use crate::{clock::Timestamp, happenings::Streamed, http::openapi, rooms::Slug};

/// In characters.
pub const LONGEST_NAME: usize = 100;

/// Its field in requests.
pub fn name() -> Object {
    openapi::text(0..=LONGEST_NAME).build()
}

/// One ingress.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ingress {
    /// `IN_…`
    pub id: String,
    pub name: String,
    pub kind: IngressKind,
    /// The room's name on the media server.
    pub room: String,
    /// `null`: the room is none of ours.
    #[schema(required = true)]
    pub link: Option<Slug>,
    /// Who the stream is in the room.
    pub participant_identity: String,
    pub participant_name: String,
    /// Whether an encoder may begin to publish.
    pub enabled: bool,
    pub status: IngressStatus,
    /// What went wrong; usually empty.
    pub error: String,
    /// `null`: nobody has published by it yet.
    #[schema(required = true)]
    pub started_at: Option<Timestamp>,
    /// `null` while somebody publishes.
    #[schema(required = true)]
    pub ended_at: Option<Timestamp>,
    /// What is published now.
    pub tracks: Vec<IngressTrack>,
    /// Where encoders send to.
    pub url: String,
    /// Whoever has it publishes into the room. `null` for those who may only look.
    #[schema(required = true)]
    pub stream_key: Option<String>,
}

/// How encoders send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IngressKind {
    /// WebRTC over HTTP (RFC 9725): OBS, GStreamer, browsers.
    Whip,
    /// Older encoders; on the built-in media server where ffmpeg is installed.
    Rtmp,
    /// The media server fetches the stream; made with LiveKit's SDKs only.
    Url,
}

/// How one is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IngressStatus {
    /// Nobody publishes.
    Inactive,
    /// An encoder connects.
    Buffering,
    /// It is in the room.
    Publishing,
    Error,
    /// What was fetched has come to its end.
    Complete,
}

/// One track of an encoder.
#[derive(Debug, Serialize, ToSchema)]
pub struct IngressTrack {
    /// `TR_…`
    pub sid: String,
    /// Such as `video/H264`.
    pub mime_type: String,
    /// 0 where it is not known.
    pub width: u32,
    pub height: u32,
}

/// What of an ingress its reader is shown.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// `https://…/w` of this site, for a media server that tells no address.
    pub whip_url: &'a str,
    /// The same of RTMP; empty where nobody here takes it.
    pub rtmp_url: &'a str,
    pub with_key: bool,
}

impl Ingress {
    /// An ingress of the media server.
    pub fn new(info: proto::IngressInfo, link: Option<Slug>, view: View<'_>) -> Ingress {
        let kind = match info.input_type() {
            proto::IngressInput::RtmpInput => IngressKind::Rtmp,
            proto::IngressInput::WhipInput => IngressKind::Whip,
            proto::IngressInput::UrlInput => IngressKind::Url,
        };
        let state = info.state.unwrap_or_default();
        let url = match kind {
            IngressKind::Whip if info.url.is_empty() => view.whip_url.to_owned(),
            IngressKind::Rtmp if info.url.is_empty() => view.rtmp_url.to_owned(),
            IngressKind::Whip | IngressKind::Rtmp | IngressKind::Url => info.url,
        };
        Ingress {
            id: info.ingress_id,
            name: info.name,
            kind,
            room: info.room_name,
            link,
            participant_identity: info.participant_identity,
            participant_name: info.participant_name,
            enabled: info.enabled != Some(false),
            status: match state.status() {
                Status::EndpointInactive => IngressStatus::Inactive,
                Status::EndpointBuffering => IngressStatus::Buffering,
                Status::EndpointPublishing => IngressStatus::Publishing,
                Status::EndpointError => IngressStatus::Error,
                Status::EndpointComplete => IngressStatus::Complete,
            },
            started_at: moment(state.started_at),
            ended_at: moment(state.ended_at),
            tracks: state.tracks.into_iter().map(IngressTrack::from).collect(),
            error: state.error,
            url,
            stream_key: Some(info.stream_key).filter(|key| view.with_key && !key.is_empty()),
        }
    }
}

impl From<proto::TrackInfo> for IngressTrack {
    fn from(track: proto::TrackInfo) -> IngressTrack {
        IngressTrack {
            sid: track.sid,
            mime_type: track.mime_type,
            width: track.width,
            height: track.height,
        }
    }
}

/// LiveKit's nanoseconds; 0 says never.
fn moment(nanos: i64) -> Option<Timestamp> {
    (nanos != 0).then_some(Timestamp(nanos / 1_000_000))
}

/// As it is told of.
pub fn told(info: &proto::IngressInfo) -> Streamed<'_> {
    Streamed {
        id: &info.ingress_id,
        name: &info.name,
        live_room: &info.room_name,
    }
}
