//! An egress as this site's API tells it; knows neither HTTP nor LiveKit's calls.

use std::collections::HashMap;

use livekit_protocol as proto;
use proto::{EgressStatus as Status, egress_info::Request, stream_info};
use serde::Serialize;
use utoipa::ToSchema;

use super::target::{EgressTarget, target_of};
use crate::{clock::Timestamp, happenings::SentOut, recordings::RecordingId, rooms::Slug};

/// How long an egress may go on in a room that is not there, in milliseconds: its end takes a moment to be heard of.
const SOON: i64 = 60_000;

/// One egress.
#[derive(Debug, Serialize, ToSchema)]
pub struct Egress {
    /// `EG_…`
    pub id: String,
    /// The room's name on the media server; empty for a web page.
    pub room: String,
    /// `null`: the room is none of ours.
    #[schema(required = true)]
    pub link: Option<Slug>,
    /// What is sent out; `null`: something that this site has no word for, see `raw` of LiveKit's own API.
    #[schema(required = true)]
    pub target: Option<EgressTarget>,
    pub status: EgressStatus,
    /// What went wrong; usually empty.
    pub error: String,
    /// What the recorder says more, such as why it ended; often empty.
    pub details: String,
    #[schema(required = true)]
    pub started_at: Option<Timestamp>,
    /// `null` while it goes on.
    #[schema(required = true)]
    pub ended_at: Option<Timestamp>,
    pub files: Vec<EgressFile>,
    pub playlists: Vec<EgressPlaylist>,
    pub streams: Vec<EgressStream>,
    /// The recording of this site that it is; `null`: none.
    #[schema(required = true)]
    pub recording_id: Option<RecordingId>,
}

/// How one is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EgressStatus {
    Starting,
    Active,
    /// It is being stopped, its film made, its files brought away.
    Ending,
    Complete,
    Failed,
    /// It ended before it began.
    Aborted,
    /// It reached the longest that it may take.
    LimitReached,
    /// The media server lists it as going on, and its room is gone: whoever recorded has died without a word.
    Lost,
}

/// A file of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct EgressFile {
    pub name: String,
    /// Where it is; empty until it is there.
    pub location: String,
    /// In bytes.
    pub size: i64,
    pub duration_ms: i64,
}

/// An HLS playlist with its segments.
#[derive(Debug, Serialize, ToSchema)]
pub struct EgressPlaylist {
    pub name: String,
    /// Where it is; empty until it is there.
    pub location: String,
    /// Segments that were written.
    pub segments: i64,
    /// In bytes, of all segments.
    pub size: i64,
}

/// An address that it streams to.
#[derive(Debug, Serialize, ToSchema)]
pub struct EgressStream {
    /// With its key made unreadable; streams are taken away by this text.
    pub url: String,
    pub status: EgressStreamStatus,
    pub error: String,
    #[schema(required = true)]
    pub started_at: Option<Timestamp>,
    #[schema(required = true)]
    pub ended_at: Option<Timestamp>,
}

/// How a stream is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EgressStreamStatus {
    Active,
    Finished,
    Failed,
}

/// What is known here of those that the recorder lists.
pub struct Known<'a> {
    pub links: &'a HashMap<String, Slug>,
    pub recordings: &'a HashMap<String, RecordingId>,
    /// The rooms that are there; `None`: that is not known.
    pub live: Option<&'a [String]>,
    pub now: Timestamp,
}

impl Egress {
    /// An egress of the recorder.
    pub fn new(info: proto::EgressInfo, known: &Known<'_>) -> Egress {
        Egress {
            link: known.links.get(&info.room_name).cloned(),
            target: target_of(&info),
            status: status(&info, known),
            started_at: moment(info.started_at),
            ended_at: moment(info.ended_at),
            recording_id: known.recordings.get(&info.egress_id).copied(),
            files: info
                .file_results
                .into_iter()
                .map(EgressFile::from)
                .collect(),
            playlists: info
                .segment_results
                .into_iter()
                .map(EgressPlaylist::from)
                .collect(),
            streams: info
                .stream_results
                .into_iter()
                .map(EgressStream::from)
                .collect(),
            id: info.egress_id,
            room: info.room_name,
            error: info.error,
            details: info.details,
        }
    }
}

/// Whether the recorder says that it goes on.
pub fn goes_on(info: &proto::EgressInfo) -> bool {
    matches!(info.status(), Status::EgressStarting | Status::EgressActive)
}

/// Whether the recorder says that it is over.
pub fn has_ended(info: &proto::EgressInfo) -> bool {
    !goes_on(info) && info.status() != Status::EgressEnding
}

fn status(info: &proto::EgressInfo, known: &Known<'_>) -> EgressStatus {
    let heard = moment(info.updated_at.max(info.started_at)).unwrap_or(Timestamp(0));
    let is_old = known.now.0 - heard.0 > SOON;
    let is_gone = known
        .live
        .is_some_and(|live| !info.room_name.is_empty() && !live.contains(&info.room_name));
    if goes_on(info) && is_old && is_gone {
        return EgressStatus::Lost;
    }
    match info.status() {
        Status::EgressStarting => EgressStatus::Starting,
        Status::EgressActive => EgressStatus::Active,
        Status::EgressEnding => EgressStatus::Ending,
        Status::EgressComplete => EgressStatus::Complete,
        Status::EgressFailed => EgressStatus::Failed,
        Status::EgressAborted => EgressStatus::Aborted,
        Status::EgressLimitReached => EgressStatus::LimitReached,
    }
}

impl From<proto::FileInfo> for EgressFile {
    fn from(file: proto::FileInfo) -> EgressFile {
        EgressFile {
            name: file.filename,
            location: file.location,
            size: file.size,
            duration_ms: file.duration / 1_000_000,
        }
    }
}

impl From<proto::SegmentsInfo> for EgressPlaylist {
    fn from(segments: proto::SegmentsInfo) -> EgressPlaylist {
        EgressPlaylist {
            name: segments.playlist_name,
            location: segments.playlist_location,
            segments: segments.segment_count,
            size: segments.size,
        }
    }
}

impl From<proto::StreamInfo> for EgressStream {
    fn from(stream: proto::StreamInfo) -> EgressStream {
        EgressStream {
            status: match stream.status() {
                stream_info::Status::Active => EgressStreamStatus::Active,
                stream_info::Status::Finished => EgressStreamStatus::Finished,
                stream_info::Status::Failed => EgressStreamStatus::Failed,
            },
            started_at: moment(stream.started_at),
            ended_at: moment(stream.ended_at),
            url: stream.url,
            error: stream.error,
        }
    }
}

/// LiveKit's nanoseconds; 0 says never.
fn moment(nanos: i64) -> Option<Timestamp> {
    (nanos > 0).then_some(Timestamp(nanos / 1_000_000))
}

/// As it is told of.
pub fn told(info: &proto::EgressInfo) -> SentOut<'_> {
    let kind = match &info.request {
        Some(Request::RoomComposite(_)) => "room",
        Some(Request::Participant(_)) => "participant",
        Some(Request::TrackComposite(_)) => "tracks",
        Some(Request::Track(_)) => "track",
        Some(Request::Web(_)) => "web",
        _ => "other",
    };
    SentOut {
        id: &info.egress_id,
        kind,
        live_room: &info.room_name,
    }
}
