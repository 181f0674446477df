//! What a start asks for, checked: LiveKit's requests become an order, or a refusal that says what this egress cannot do.

mod outputs;
mod redact;
mod start_egress;
mod storage;
mod streams;

use livekit_wire::{
    proto::{
        ParticipantEgressRequest, RoomCompositeEgressRequest, TrackCompositeEgressRequest,
        TrackEgressRequest, WebhookConfig, egress_info,
        room_composite_egress_request as room_composite,
        track_composite_egress_request as track_composite, track_egress_request as track,
    },
    twirp::{Code, TwirpError},
};
use serde::{Deserialize, Serialize};

#[cfg(test)]
pub use outputs::{FileOrder, segments_order};
pub use outputs::{ImagesOrder, Outputs, SegmentsOrder, Suffix};
pub use storage::BucketOrder;
pub use streams::{StreamOrder, StreamProtocol};

use crate::record::Selector;
use outputs::{Named, direct_file};
use redact::Redact;

/// What is to be recorded, and where the film goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The room.
    pub room_name: String,
    /// What of it.
    pub selector: Selector,
    /// LiveKit's word; empty for the usual one.
    pub layout: String,
    /// What is left behind.
    pub outputs: Outputs,
    /// Receivers beside the configured ones.
    pub webhooks: Vec<String>,
}

/// A request with what it asks for.
pub struct Ordered {
    /// What to do.
    pub order: Order,
    /// The request as callers are told of it.
    pub request: egress_info::Request,
}

const LAYOUTS: [&str; 3] = ["grid", "speaker", "single-speaker"];

/// A request that starts an egress.
pub trait StartRequest {
    /// Checks it.
    fn order(self) -> Result<Ordered, TwirpError>;
}

impl StartRequest for RoomCompositeEgressRequest {
    fn order(mut self) -> Result<Ordered, TwirpError> {
        let mut named = Named {
            files: self.file_outputs.iter().collect(),
            segments: self.segment_outputs.iter().collect(),
            images: &self.image_outputs,
            streams: self.stream_outputs.iter().collect(),
        };
        #[expect(deprecated, reason = "every SDK still sends it")]
        match &self.output {
            Some(room_composite::Output::File(file)) => named.file_of_old(file),
            Some(room_composite::Output::Segments(segments)) => named.segments_of_old(segments),
            Some(room_composite::Output::Stream(stream)) => named.streams_of_old(stream),
            None => {}
        }
        let outputs = named.outputs(!self.audio_only)?;
        let order = Order {
            room_name: needed("room_name", &self.room_name)?,
            selector: whole_room(self.audio_only, self.video_only, &self.custom_base_url)?,
            layout: layout(&self.layout)?,
            outputs,
            webhooks: webhooks(&self.webhooks)?,
        };
        self.redact();
        let request = egress_info::Request::RoomComposite(self);
        Ok(Ordered { order, request })
    }
}

impl StartRequest for ParticipantEgressRequest {
    fn order(mut self) -> Result<Ordered, TwirpError> {
        let named = Named {
            files: self.file_outputs.iter().collect(),
            segments: self.segment_outputs.iter().collect(),
            images: &self.image_outputs,
            streams: self.stream_outputs.iter().collect(),
        };
        let order = Order {
            room_name: needed("room_name", &self.room_name)?,
            selector: Selector::Participant {
                identity: needed("identity", &self.identity)?,
                screen_share: self.screen_share,
            },
            layout: String::new(),
            outputs: named.outputs(true)?,
            webhooks: webhooks(&self.webhooks)?,
        };
        self.redact();
        let request = egress_info::Request::Participant(self);
        Ok(Ordered { order, request })
    }
}

impl StartRequest for TrackCompositeEgressRequest {
    fn order(mut self) -> Result<Ordered, TwirpError> {
        let mut named = Named {
            files: self.file_outputs.iter().collect(),
            segments: self.segment_outputs.iter().collect(),
            images: &self.image_outputs,
            streams: self.stream_outputs.iter().collect(),
        };
        #[expect(deprecated, reason = "every SDK still sends it")]
        match &self.output {
            Some(track_composite::Output::File(file)) => named.file_of_old(file),
            Some(track_composite::Output::Segments(segments)) => named.segments_of_old(segments),
            Some(track_composite::Output::Stream(stream)) => named.streams_of_old(stream),
            None => {}
        }
        let outputs = named.outputs(!self.video_track_id.is_empty())?;
        if self.audio_track_id.is_empty() && self.video_track_id.is_empty() {
            return Err(missing("audio_track_id or video_track_id"));
        }
        let order = Order {
            room_name: needed("room_name", &self.room_name)?,
            selector: Selector::Tracks {
                audio: self.audio_track_id.clone(),
                video: self.video_track_id.clone(),
            },
            layout: String::new(),
            outputs,
            webhooks: webhooks(&self.webhooks)?,
        };
        self.redact();
        let request = egress_info::Request::TrackComposite(self);
        Ok(Ordered { order, request })
    }
}

impl StartRequest for TrackEgressRequest {
    fn order(mut self) -> Result<Ordered, TwirpError> {
        let outputs = match &self.output {
            Some(track::Output::File(file)) => direct_file(file)?,
            Some(track::Output::WebsocketUrl(_)) => return Err(unsupported("websocket_url")),
            None => return Err(missing("output")),
        };
        let order = Order {
            room_name: needed("room_name", &self.room_name)?,
            selector: Selector::Track {
                id: needed("track_id", &self.track_id)?,
            },
            layout: String::new(),
            outputs,
            webhooks: webhooks(&self.webhooks)?,
        };
        self.redact();
        let request = egress_info::Request::Track(self);
        Ok(Ordered { order, request })
    }
}

/// Everybody of a room, seen or heard.
fn whole_room(
    audio_only: bool,
    video_only: bool,
    custom_base_url: &str,
) -> Result<Selector, TwirpError> {
    if !custom_base_url.is_empty() {
        return Err(unsupported("custom_base_url"));
    }
    if audio_only && video_only {
        return Err(TwirpError::new(
            Code::InvalidArgument,
            "audio_only and video_only cannot both be set",
        ));
    }
    Ok(Selector::Room {
        video: !audio_only,
        audio: !video_only,
    })
}

/// The word without what chooses colours.
pub fn layout(asked: &str) -> Result<String, TwirpError> {
    let word = asked.strip_suffix("-light").or(asked.strip_suffix("-dark"));
    let word = word.unwrap_or(asked);
    if word.is_empty() || LAYOUTS.contains(&word) {
        Ok(word.to_owned())
    } else {
        Err(unsupported(&format!("the layout {asked:?}")))
    }
}

fn webhooks(asked: &[WebhookConfig]) -> Result<Vec<String>, TwirpError> {
    asked
        .iter()
        .map(|webhook| match url::Url::parse(&webhook.url) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(webhook.url.clone()),
            _ => Err(TwirpError::new(
                Code::InvalidArgument,
                format!("webhooks: {:?} is no http address", webhook.url),
            )),
        })
        .collect()
}

fn needed(field: &'static str, value: &str) -> Result<String, TwirpError> {
    if value.is_empty() {
        return Err(missing(field));
    }
    Ok(value.to_owned())
}

/// The original's words (protocol `egress/errors.go`, `ErrInvalidInput`).
fn missing(field: &str) -> TwirpError {
    TwirpError::new(
        Code::InvalidArgument,
        format!("request has missing or invalid field: {field}"),
    )
}

fn unsupported(what: &str) -> TwirpError {
    TwirpError::new(
        Code::InvalidArgument,
        format!("{what} is not supported by the built-in egress"),
    )
}

#[cfg(test)]
mod tests {
    use livekit_wire::proto::{
        EgressInfo, EncodedFileOutput, GcpUpload, S3Upload, StreamOutput, encoded_file_output,
    };

    use super::*;

    fn request() -> RoomCompositeEgressRequest {
        RoomCompositeEgressRequest {
            room_name: "r".to_owned(),
            layout: "grid-dark".to_owned(),
            file_outputs: vec![EncodedFileOutput {
                filepath: "out/{room_name}".to_owned(),
                ..EncodedFileOutput::default()
            }],
            ..RoomCompositeEgressRequest::default()
        }
    }

    fn refusal(change: impl FnOnce(&mut RoomCompositeEgressRequest)) -> String {
        let mut request = request();
        change(&mut request);
        let error = request.order().err().unwrap();
        assert_eq!(error.code, Code::InvalidArgument);
        error.msg
    }

    #[test]
    fn a_request_becomes_an_order() {
        let Ordered { order, .. } = request().order().unwrap();
        assert_eq!(order.layout, "grid");
        let file = order.outputs.file.unwrap();
        assert_eq!(file.filepath, "out/{room_name}");
        assert!(file.manifest);
    }

    #[test]
    fn callers_are_told_of_a_request_without_its_secrets() {
        let mut request = request();
        request.file_outputs[0].output = Some(encoded_file_output::Output::S3(S3Upload {
            access_key: "key".to_owned(),
            secret: "hush".to_owned(),
            bucket: "films".to_owned(),
            ..S3Upload::default()
        }));
        let ordered = request.order().unwrap();
        let told = serde_json::to_string(&EgressInfo {
            request: Some(ordered.request),
            ..EgressInfo::default()
        })
        .unwrap();
        assert!(
            !told.contains("hush") && told.contains("{secret}"),
            "{told}"
        );
        assert!(
            told.contains("{access_key}") && told.contains("films"),
            "{told}"
        );
        let bucket = ordered.order.outputs.file.unwrap().bucket.unwrap();
        assert_eq!(bucket.settings().access_key, "key");
    }

    #[test]
    fn a_stream_is_ordered_whole_and_told_without_its_key() {
        let mut request = request();
        request.stream_outputs = vec![StreamOutput {
            urls: vec!["mux://a-stream-key".to_owned()],
            ..StreamOutput::default()
        }];
        let Ordered { order, request } = request.order().unwrap();
        let told = format!("{request:?}");
        assert!(told.contains("{a-s...key}"), "{told}");
        assert!(!told.contains("stream-key"), "{told}");
        let streams = order.outputs.streams.unwrap();
        assert!(streams.all[0].options().contains("a-stream-key"));
    }

    #[test]
    fn what_is_not_built_in_is_refused_by_its_name() {
        let not = |what: &str| format!("{what} is not supported by the built-in egress");
        let stream = StreamOutput {
            urls: vec!["ws://host/path".to_owned()],
            ..StreamOutput::default()
        };
        assert_eq!(
            refusal(|r| r.stream_outputs = vec![stream]),
            not("a websocket stream")
        );
        assert_eq!(
            refusal(|r| r.custom_base_url = "http://x".into()),
            not("custom_base_url")
        );
        assert_eq!(
            refusal(|r| r.layout = "cube".into()),
            not(r#"the layout "cube""#)
        );
        let gcp = encoded_file_output::Output::Gcp(GcpUpload::default());
        assert_eq!(
            refusal(|r| r.file_outputs[0].output = Some(gcp)),
            not("an upload to gcp")
        );
        assert_eq!(
            refusal(|r| r.room_name.clear()),
            "request has missing or invalid field: room_name"
        );
        assert_eq!(
            refusal(|r| r.file_outputs.clear()),
            "request has missing or invalid field: output"
        );
    }
}
