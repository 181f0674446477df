//! What an egress sends out, and what it leaves behind: as this site's API says it, and as LiveKit does. It must not know who asks.

use garde::Validate;
use livekit_protocol as proto;
use proto::{egress_info::Request, start_egress_request::Source};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::{
    ToSchema,
    openapi::{ArrayBuilder, Object, schema::Schema},
};

use crate::{
    http::{Problem, openapi},
    livekit::egress_calls::EgressRequest,
};

/// In characters: rooms, identities, tracks, layouts.
pub const LONGEST_TEXT: usize = 256;
/// In characters: file names and addresses.
pub const LONGEST_PLACE: usize = 2_048;
/// Streams of one egress; the built-in recorder's own bound.
pub const MOST_STREAMS: usize = 10;
/// Schemes of LiveKit's stream outputs.
const SCHEMES: [&str; 5] = ["rtmp://", "rtmps://", "srt://", "mux://", "twitch://"];

/// What is sent out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum EgressTarget {
    /// Everybody of a room.
    Room {
        /// The link of one of our rooms, or a room's name on the media server. Read: the latter.
        #[schema(schema_with = needed)]
        room: String,
        /// `grid`, `speaker`, `single-speaker`, or a recorder's own; empty: its usual one.
        #[serde(default)]
        #[schema(schema_with = text)]
        layout: String,
        #[serde(default)]
        audio_only: bool,
    },
    /// One participant.
    Participant {
        /// As above.
        #[schema(schema_with = needed)]
        room: String,
        #[schema(schema_with = needed)]
        identity: String,
        /// Their screen instead of their camera.
        #[serde(default)]
        screen_share: bool,
    },
    /// A sound and a picture track; one of them may be empty.
    Tracks {
        /// As above.
        #[schema(schema_with = needed)]
        room: String,
        /// `TR_…`
        #[serde(default)]
        #[schema(schema_with = text)]
        audio_track_id: String,
        /// `TR_…`
        #[serde(default)]
        #[schema(schema_with = text)]
        video_track_id: String,
    },
    /// One track as it is, into a file.
    Track {
        /// As above.
        #[schema(schema_with = needed)]
        room: String,
        /// `TR_…`
        #[schema(schema_with = needed)]
        track_id: String,
    },
    /// A web page; LiveKit's own egress service only.
    Web {
        /// Read: without a query.
        #[schema(schema_with = page)]
        url: String,
        #[serde(default)]
        audio_only: bool,
    },
}

/// What is left behind: at least one of them.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EgressOutputs {
    /// The name of a film, which may have `{room_name}` and `{time}` in it.
    #[garde(inner(length(chars, min = 1, max = LONGEST_PLACE)))]
    #[serde(default)]
    #[schema(schema_with = place_or_null)]
    pub file: Option<String>,
    /// What the names of an HLS playlist and its segments begin with.
    #[garde(inner(length(chars, min = 1, max = LONGEST_PLACE)))]
    #[serde(default)]
    #[schema(schema_with = place_or_null)]
    pub playlist: Option<String>,
    /// Addresses of live streams: RTMP, RTMPS or SRT.
    #[garde(custom(check_streams))]
    #[serde(default)]
    #[schema(schema_with = streams)]
    pub streams: Vec<String>,
}

fn needed() -> Object {
    openapi::text(1..=LONGEST_TEXT).build()
}

fn text() -> Object {
    openapi::text(0..=LONGEST_TEXT).build()
}

fn page() -> Object {
    openapi::text(1..=LONGEST_PLACE)
        .pattern(Some("^https?://"))
        .build()
}

fn place_or_null() -> Object {
    openapi::or_null(openapi::text(1..=LONGEST_PLACE))
}

/// Its field in requests.
pub fn streams() -> Schema {
    let address = openapi::text(1..=LONGEST_PLACE).pattern(Some("^(rtmps?|srt|mux|twitch)://"));
    let all = ArrayBuilder::new()
        .items(address.build())
        .max_items(Some(MOST_STREAMS));
    all.build().into()
}

/// So many addresses, each of a kind that LiveKit streams to.
pub fn check_streams<C>(streams: &[String], _: &C) -> garde::Result {
    let bad = |url: &String| {
        url.chars().count() > LONGEST_PLACE || !SCHEMES.iter().any(|scheme| url.starts_with(scheme))
    };
    if streams.len() > MOST_STREAMS || streams.iter().any(bad) {
        let bounds =
            format!("at most {MOST_STREAMS} addresses that begin with rtmp://, rtmps:// or srt://");
        return Err(garde::Error::new(bounds));
    }
    Ok(())
}

/// Each text has its bounds.
pub fn check_target<C>(target: &EgressTarget, _: &C) -> garde::Result {
    let check = |name: &str, text: &str, least: usize, most: usize| {
        if (least..=most).contains(&text.chars().count()) {
            Ok(())
        } else {
            let bounds = format!("{name} has {least} to {most} characters");
            Err(garde::Error::new(bounds))
        }
    };
    match target {
        EgressTarget::Room { room, layout, .. } => {
            check("room", room, 1, LONGEST_TEXT)?;
            check("layout", layout, 0, LONGEST_TEXT)
        }
        EgressTarget::Participant { room, identity, .. } => {
            check("room", room, 1, LONGEST_TEXT)?;
            check("identity", identity, 1, LONGEST_TEXT)
        }
        EgressTarget::Tracks {
            room,
            audio_track_id,
            video_track_id,
        } => {
            check("room", room, 1, LONGEST_TEXT)?;
            check("audio_track_id", audio_track_id, 0, LONGEST_TEXT)?;
            check("video_track_id", video_track_id, 0, LONGEST_TEXT)
        }
        EgressTarget::Track { room, track_id } => {
            check("room", room, 1, LONGEST_TEXT)?;
            check("track_id", track_id, 1, LONGEST_TEXT)
        }
        EgressTarget::Web { url, .. } => {
            check("url", url, 1, LONGEST_PLACE)?;
            // A browser on the recorder's machine opens it.
            if url.starts_with("https://") || url.starts_with("http://") {
                Ok(())
            } else {
                Err(garde::Error::new("url begins with https:// or http://"))
            }
        }
    }
}

impl EgressTarget {
    /// The room that is named, to be said as the media server does.
    pub fn room(&mut self) -> Option<&mut String> {
        match self {
            EgressTarget::Room { room, .. }
            | EgressTarget::Participant { room, .. }
            | EgressTarget::Tracks { room, .. }
            | EgressTarget::Track { room, .. } => Some(room),
            EgressTarget::Web { .. } => None,
        }
    }

    /// LiveKit's request; `place` says where a file of this name goes.
    pub fn request(
        self,
        outputs: EgressOutputs,
        place: impl Fn(&str) -> (String, Option<proto::S3Upload>),
    ) -> Result<EgressRequest, Problem> {
        let streams = &outputs.streams;
        if outputs.file.is_none() && outputs.playlist.is_none() && streams.is_empty() {
            let says = "Say what is to be left behind: a file, a playlist or streams.";
            return Err(Problem::invalid_field("outputs", "required", says));
        }
        let file = outputs.file.as_deref().map(|name| file(name, &place));
        let playlist = outputs.playlist.as_deref();
        let playlist = playlist.map(|prefix| segments(prefix, &place));
        let stream = (!streams.is_empty()).then(|| stream(streams));
        Ok(match self {
            EgressTarget::Room {
                room,
                layout,
                audio_only,
            } => EgressRequest::Room(proto::RoomCompositeEgressRequest {
                room_name: room,
                layout,
                audio_only,
                file_outputs: Vec::from_iter(file),
                segment_outputs: Vec::from_iter(playlist),
                stream_outputs: Vec::from_iter(stream),
                ..Default::default()
            }),
            EgressTarget::Participant {
                room,
                identity,
                screen_share,
            } => EgressRequest::Participant(proto::ParticipantEgressRequest {
                room_name: room,
                identity,
                screen_share,
                file_outputs: Vec::from_iter(file),
                segment_outputs: Vec::from_iter(playlist),
                stream_outputs: Vec::from_iter(stream),
                ..Default::default()
            }),
            EgressTarget::Tracks {
                room,
                audio_track_id,
                video_track_id,
            } => {
                if audio_track_id.is_empty() && video_track_id.is_empty() {
                    let says = "Name a sound track, a picture track, or both.";
                    return Err(Problem::invalid_field("target", "required", says));
                }
                EgressRequest::Tracks(proto::TrackCompositeEgressRequest {
                    room_name: room,
                    audio_track_id,
                    video_track_id,
                    file_outputs: Vec::from_iter(file),
                    segment_outputs: Vec::from_iter(playlist),
                    stream_outputs: Vec::from_iter(stream),
                    ..Default::default()
                })
            }
            EgressTarget::Track { room, track_id } => {
                let (Some(file), None, None) = (outputs.file, playlist, stream) else {
                    let says = "One track goes into a file, and nowhere else.";
                    return Err(Problem::invalid_field("outputs", "invalid", says));
                };
                let (filepath, bucket) = place(&file);
                let file = proto::DirectFileOutput {
                    filepath,
                    disable_manifest: true,
                    output: bucket.map(proto::direct_file_output::Output::S3),
                };
                EgressRequest::Track(proto::TrackEgressRequest {
                    room_name: room,
                    track_id,
                    output: Some(proto::track_egress_request::Output::File(file)),
                    ..Default::default()
                })
            }
            EgressTarget::Web { url, audio_only } => EgressRequest::Web(proto::WebEgressRequest {
                url,
                audio_only,
                file_outputs: Vec::from_iter(file),
                segment_outputs: Vec::from_iter(playlist),
                stream_outputs: Vec::from_iter(stream),
                ..Default::default()
            }),
        })
    }
}

fn file(
    name: &str,
    place: impl Fn(&str) -> (String, Option<proto::S3Upload>),
) -> proto::EncodedFileOutput {
    let (filepath, bucket) = place(name);
    proto::EncodedFileOutput {
        filepath,
        disable_manifest: true,
        output: bucket.map(proto::encoded_file_output::Output::S3),
        ..Default::default()
    }
}

fn segments(
    prefix: &str,
    place: impl Fn(&str) -> (String, Option<proto::S3Upload>),
) -> proto::SegmentedFileOutput {
    let (filename_prefix, bucket) = place(prefix);
    proto::SegmentedFileOutput {
        filename_prefix,
        disable_manifest: true,
        output: bucket.map(proto::segmented_file_output::Output::S3),
        ..Default::default()
    }
}

/// SRT has a protocol of its own in LiveKit's request; every other address is RTMP's.
fn stream(urls: &[String]) -> proto::StreamOutput {
    let is_srt = urls.iter().all(|url| url.starts_with("srt://"));
    let protocol = if is_srt {
        proto::StreamProtocol::Srt
    } else {
        proto::StreamProtocol::Rtmp
    };
    proto::StreamOutput {
        protocol: protocol.into(),
        urls: urls.to_vec(),
    }
}

/// A page's address without what may be a key: who is named before its host, its query and its fragment.
fn without_secrets(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else {
        return String::new();
    };
    // They fail for addresses without a host only, which have none of it.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// What is sent out, as its request has said; `None` for what there is no word for here.
pub fn target_of(info: &proto::EgressInfo) -> Option<EgressTarget> {
    let room = info.room_name.clone();
    Some(match info.request.as_ref()? {
        Request::RoomComposite(request) => EgressTarget::Room {
            room,
            layout: request.layout.clone(),
            audio_only: request.audio_only,
        },
        Request::Participant(request) => EgressTarget::Participant {
            room,
            identity: request.identity.clone(),
            screen_share: request.screen_share,
        },
        Request::TrackComposite(request) => EgressTarget::Tracks {
            room,
            audio_track_id: request.audio_track_id.clone(),
            video_track_id: request.video_track_id.clone(),
        },
        Request::Track(request) => EgressTarget::Track {
            room,
            track_id: request.track_id.clone(),
        },
        Request::Web(request) => EgressTarget::Web {
            url: without_secrets(&request.url),
            audio_only: request.audio_only,
        },
        Request::Egress(request) => match request.source.as_ref()? {
            Source::Template(template) => EgressTarget::Room {
                room,
                layout: template.layout.clone(),
                audio_only: template.audio_only,
            },
            Source::Web(page) => EgressTarget::Web {
                url: without_secrets(&page.url),
                audio_only: page.audio_only,
            },
            Source::Media(_) => return None,
        },
        Request::Replay(_) => return None,
    })
}
