//! What a start asks for, checked: LiveKit's requests become an order, or a refusal that says what this egress cannot do.

use livekit_wire::{
    proto::{
        DirectFileOutput, EncodedFileOutput, ParticipantEgressRequest, RoomCompositeEgressRequest,
        TrackCompositeEgressRequest, TrackEgressRequest, WebhookConfig, egress_info,
        encoded_file_output, room_composite_egress_request as room_composite,
        track_composite_egress_request as track_composite, track_egress_request as track,
    },
    twirp::{Code, TwirpError},
};
use serde::{Deserialize, Serialize};

use crate::record::Selector;

/// What is to be recorded, and where the film goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The room.
    pub room_name: String,
    /// What of it.
    pub selector: Selector,
    /// LiveKit's word; empty for the usual one.
    pub layout: String,
    /// The template of the film's name; empty for the usual one.
    pub filepath: String,
    /// Whether a manifest is written beside the film.
    pub manifest: bool,
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

/// Kinds of outputs that are not built in, in the order that [`one_file`] takes their numbers in.
const OTHER_OUTPUTS: [&str; 3] = ["stream_outputs", "segment_outputs", "image_outputs"];
const LAYOUTS: [&str; 3] = ["grid", "speaker", "single-speaker"];

/// A request that starts an egress.
pub trait StartRequest {
    /// Checks it.
    fn order(self) -> Result<Ordered, TwirpError>;
}

impl StartRequest for RoomCompositeEgressRequest {
    fn order(self) -> Result<Ordered, TwirpError> {
        let file = match &self.output {
            #[expect(deprecated, reason = "every SDK still sends it")]
            Some(room_composite::Output::File(file)) => Some(file),
            #[expect(deprecated, reason = "every SDK still sends it")]
            Some(room_composite::Output::Stream(_) | room_composite::Output::Segments(_)) => {
                return Err(unsupported("an output other than a file"));
            }
            None => None,
        };
        let others = [
            self.stream_outputs.len(),
            self.segment_outputs.len(),
            self.image_outputs.len(),
        ];
        let file = one_file(file, &self.file_outputs, others)?;
        if !self.custom_base_url.is_empty() {
            return Err(unsupported("custom_base_url"));
        }
        if self.audio_only && self.video_only {
            return Err(TwirpError::new(
                Code::InvalidArgument,
                "audio_only and video_only cannot both be set",
            ));
        }
        let order = Order {
            room_name: needed("room_name", &self.room_name)?,
            selector: Selector::Room {
                video: !self.audio_only,
                audio: !self.video_only,
            },
            layout: layout(&self.layout)?,
            filepath: file.filepath.clone(),
            manifest: !file.disable_manifest,
            webhooks: webhooks(&self.webhooks)?,
        };
        let request = egress_info::Request::RoomComposite(self);
        Ok(Ordered { order, request })
    }
}

impl StartRequest for ParticipantEgressRequest {
    fn order(self) -> Result<Ordered, TwirpError> {
        let others = [
            self.stream_outputs.len(),
            self.segment_outputs.len(),
            self.image_outputs.len(),
        ];
        let file = one_file(None, &self.file_outputs, others)?;
        let order = Order {
            room_name: needed("room_name", &self.room_name)?,
            selector: Selector::Participant {
                identity: needed("identity", &self.identity)?,
                screen_share: self.screen_share,
            },
            layout: String::new(),
            filepath: file.filepath.clone(),
            manifest: !file.disable_manifest,
            webhooks: webhooks(&self.webhooks)?,
        };
        let request = egress_info::Request::Participant(self);
        Ok(Ordered { order, request })
    }
}

impl StartRequest for TrackCompositeEgressRequest {
    fn order(self) -> Result<Ordered, TwirpError> {
        let file = match &self.output {
            #[expect(deprecated, reason = "every SDK still sends it")]
            Some(track_composite::Output::File(file)) => Some(file),
            #[expect(deprecated, reason = "every SDK still sends it")]
            Some(track_composite::Output::Stream(_) | track_composite::Output::Segments(_)) => {
                return Err(unsupported("an output other than a file"));
            }
            None => None,
        };
        let others = [
            self.stream_outputs.len(),
            self.segment_outputs.len(),
            self.image_outputs.len(),
        ];
        let file = one_file(file, &self.file_outputs, others)?;
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
            filepath: file.filepath.clone(),
            manifest: !file.disable_manifest,
            webhooks: webhooks(&self.webhooks)?,
        };
        let request = egress_info::Request::TrackComposite(self);
        Ok(Ordered { order, request })
    }
}

impl StartRequest for TrackEgressRequest {
    fn order(self) -> Result<Ordered, TwirpError> {
        let DirectFileOutput {
            filepath,
            disable_manifest,
            output,
        } = match &self.output {
            Some(track::Output::File(file)) => file.clone(),
            Some(track::Output::WebsocketUrl(_)) => return Err(unsupported("websocket_url")),
            None => return Err(missing("output")),
        };
        if output.is_some() {
            return Err(unsupported("an upload to a cloud"));
        }
        let order = Order {
            room_name: needed("room_name", &self.room_name)?,
            selector: Selector::Track {
                id: needed("track_id", &self.track_id)?,
            },
            layout: String::new(),
            filepath,
            manifest: !disable_manifest,
            webhooks: webhooks(&self.webhooks)?,
        };
        let request = egress_info::Request::Track(self);
        Ok(Ordered { order, request })
    }
}

fn one_file<'a>(
    old: Option<&'a EncodedFileOutput>,
    files: &'a [EncodedFileOutput],
    others: [usize; 3],
) -> Result<&'a EncodedFileOutput, TwirpError> {
    let asked = others.iter().zip(OTHER_OUTPUTS);
    if let Some((_, name)) = asked.into_iter().find(|(count, _)| **count > 0) {
        return Err(unsupported(name));
    }
    let file = match (old, files) {
        (Some(file), []) | (None, [file]) => file,
        (None, []) => return Err(missing("output")),
        (Some(_), [_, ..]) | (None, [_, _, ..]) => {
            return Err(unsupported("more than one file output"));
        }
    };
    match file.output {
        None => Ok(file),
        Some(
            encoded_file_output::Output::S3(_)
            | encoded_file_output::Output::Gcp(_)
            | encoded_file_output::Output::Azure(_)
            | encoded_file_output::Output::AliOss(_),
        ) => Err(unsupported("an upload to a cloud")),
    }
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
    use livekit_wire::proto::{S3Upload, StreamOutput};

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
        assert_eq!(order.filepath, "out/{room_name}");
        assert!(order.manifest);
    }

    #[test]
    fn what_is_not_built_in_is_refused_by_its_name() {
        let not = |what: &str| format!("{what} is not supported by the built-in egress");
        let stream = vec![StreamOutput::default()];
        assert_eq!(
            refusal(|r| r.stream_outputs = stream),
            not("stream_outputs")
        );
        assert_eq!(
            refusal(|r| r.custom_base_url = "http://x".into()),
            not("custom_base_url")
        );
        assert_eq!(
            refusal(|r| r.layout = "cube".into()),
            not(r#"the layout "cube""#)
        );
        let s3 = encoded_file_output::Output::S3(S3Upload::default());
        assert_eq!(
            refusal(|r| r.file_outputs[0].output = Some(s3)),
            not("an upload to a cloud")
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
