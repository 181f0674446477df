//! A request as callers are told of it: without what opens a bucket or a stream (protocol `egress/redact.go`).

use livekit_wire::proto::{
    DirectFileOutput, EncodedFileOutput, ImageOutput, ParticipantEgressRequest,
    RoomCompositeEgressRequest, S3Upload, SegmentedFileOutput, StartEgressRequest, StorageConfig,
    StreamOutput, TrackCompositeEgressRequest, TrackEgressRequest, direct_file_output,
    encoded_file_output, image_output, output::Config,
    room_composite_egress_request as room_composite, segmented_file_output, storage_config,
    track_composite_egress_request as track_composite, track_egress_request as track,
};

use super::streams::StreamOrder;

/// What has secrets in it. Only what is not refused can have any.
pub trait Redact {
    /// Replaces them by their names.
    fn redact(&mut self);
}

impl Redact for S3Upload {
    fn redact(&mut self) {
        for (secret, name) in [
            (&mut self.access_key, "{access_key}"),
            (&mut self.secret, "{secret}"),
            (&mut self.session_token, "{session_token}"),
            (&mut self.assume_role_external_id, "{external_id}"),
        ] {
            if !secret.is_empty() {
                name.clone_into(secret);
            }
        }
    }
}

/// The requests have a type of their own for each output, all of the same places.
macro_rules! outputs {
    ($($message:ident.$field:ident: $s3:path),* $(,)?) => {$(
        impl Redact for $message {
            fn redact(&mut self) {
                if let Some($s3(s3)) = &mut self.$field {
                    s3.redact();
                }
            }
        }
    )*};
}

outputs! {
    EncodedFileOutput.output: encoded_file_output::Output::S3,
    DirectFileOutput.output: direct_file_output::Output::S3,
    SegmentedFileOutput.output: segmented_file_output::Output::S3,
    ImageOutput.output: image_output::Output::S3,
    StorageConfig.provider: storage_config::Provider::S3,
}

impl Redact for StreamOutput {
    fn redact(&mut self) {
        for url in &mut self.urls {
            // Only what can be sent to was not refused.
            *url = StreamOrder::parse(url).map_or_else(|_| String::new(), |stream| stream.redacted);
        }
    }
}

impl<T: Redact> Redact for [T] {
    fn redact(&mut self) {
        for one in self {
            one.redact();
        }
    }
}

impl Redact for RoomCompositeEgressRequest {
    #[expect(deprecated, reason = "every SDK still sends it")]
    fn redact(&mut self) {
        match &mut self.output {
            Some(room_composite::Output::File(file)) => file.redact(),
            Some(room_composite::Output::Segments(segments)) => segments.redact(),
            Some(room_composite::Output::Stream(stream)) => stream.redact(),
            None => {}
        }
        self.file_outputs.redact();
        self.segment_outputs.redact();
        self.image_outputs.redact();
        self.stream_outputs.redact();
    }
}

impl Redact for TrackCompositeEgressRequest {
    #[expect(deprecated, reason = "every SDK still sends it")]
    fn redact(&mut self) {
        match &mut self.output {
            Some(track_composite::Output::File(file)) => file.redact(),
            Some(track_composite::Output::Segments(segments)) => segments.redact(),
            Some(track_composite::Output::Stream(stream)) => stream.redact(),
            None => {}
        }
        self.file_outputs.redact();
        self.segment_outputs.redact();
        self.image_outputs.redact();
        self.stream_outputs.redact();
    }
}

impl Redact for ParticipantEgressRequest {
    fn redact(&mut self) {
        self.file_outputs.redact();
        self.segment_outputs.redact();
        self.image_outputs.redact();
        self.stream_outputs.redact();
    }
}

impl Redact for TrackEgressRequest {
    fn redact(&mut self) {
        match &mut self.output {
            Some(track::Output::File(file)) => file.redact(),
            Some(track::Output::WebsocketUrl(_)) | None => {}
        }
    }
}

impl Redact for StartEgressRequest {
    fn redact(&mut self) {
        if let Some(storage) = &mut self.storage {
            storage.redact();
        }
        for output in &mut self.outputs {
            if let Some(storage) = &mut output.storage {
                storage.redact();
            }
            match &mut output.config {
                Some(Config::Segments(segments)) => segments.redact(),
                Some(Config::Images(images)) => images.redact(),
                Some(Config::Stream(stream)) => stream.redact(),
                Some(Config::File(_)) | None => {}
            }
        }
    }
}

/// Its beginning and its end (protocol `utils/redact.go`).
pub fn redact_identifier(identifier: &str) -> String {
    let letters: Vec<char> = identifier.chars().collect();
    let shown = (1..=3)
        .rev()
        .find(|shown| letters.len() >= shown * 3)
        .unwrap_or(0);
    let begin: String = letters[..shown].iter().collect();
    let end: String = letters[letters.len() - shown..].iter().collect();
    format!("{{{begin}...{end}}}")
}
