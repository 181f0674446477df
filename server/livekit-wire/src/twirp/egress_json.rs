//! The fields of every message that Egress answers with, requests as they are told back among them, in the order of the
//! protocol's declaration.

use livekit_protocol::{
    AudioChannel, AudioCodec, AudioMixing, EgressSourceType, EgressStatus, EncodedFileType,
    EncodingOptionsPreset, ImageCodec, ImageFileSuffix, SegmentedFileProtocol, SegmentedFileSuffix,
    StreamProtocol, VideoCodec,
    audio_route::Match,
    direct_file_output::Output as DirectPlace,
    egress_info::{Request, Result as OneResult},
    encoded_file_output::Output as FilePlace,
    export_replay_request::{Encoding as ReplayEncoding, Source as ReplaySource},
    image_output::Output as ImagesPlace,
    media_source::Video,
    output::Config,
    participant_egress_request::Options as ParticipantOptions,
    participant_info::Kind,
    room_composite_egress_request::{Options as RoomOptions, Output as RoomOutput},
    segmented_file_output::Output as SegmentsPlace,
    start_egress_request::{Encoding, Source},
    storage_config::Provider,
    stream_info,
    track_composite_egress_request::{Options as TracksOptions, Output as TracksOutput},
    track_egress_request::Output as TrackOutput,
    web_egress_request::{Options as WebOptions, Output as WebOutput},
};
use serde::ser::SerializeMap;

use super::json::{AsJson, EnumName, Int64, List, TwirpJson, field, sorted, twirp_json};

twirp_json! {
    ListEgressResponse { items: messages, next_page_token: message }
    TokenPagination { token: plain }
    #[expect(deprecated, reason = "deprecated fields are on the wire all the same")]
    EgressInfo {
        egress_id: plain, room_id: plain, room_name: plain, source_type: (name EgressSourceType),
        status: (name EgressStatus), started_at: int64, ended_at: int64, updated_at: int64,
        request: (oneof Request {
            Egress "egress" message, Replay "replay" message, RoomComposite "room_composite" message,
            Web "web" message, Participant "participant" message, TrackComposite "track_composite" message,
            Track "track" message,
        }),
        stream_results: messages, file_results: messages, segment_results: messages, image_results: messages,
        error: plain, error_code: plain, details: plain, manifest_location: plain, backup_storage_used: plain,
        retry_count: plain,
        result: (oneof OneResult { Stream "stream" message, File "file" message, Segments "segments" message }),
    }
    StreamInfoList { info: messages }
    StreamInfo {
        url: plain, started_at: int64, ended_at: int64, duration: int64, status: (name stream_info::Status),
        error: plain, last_retry_at: int64, retries: plain,
    }
    FileInfo {
        filename: plain, started_at: int64, ended_at: int64, duration: int64, size: int64, location: plain,
    }
    SegmentsInfo {
        playlist_name: plain, live_playlist_name: plain, duration: int64, size: int64, playlist_location: plain,
        live_playlist_location: plain, segment_count: int64, started_at: int64, ended_at: int64,
    }
    ImagesInfo { filename_prefix: plain, image_count: int64, started_at: int64, ended_at: int64 }

    StartEgressRequest {
        room_name: plain,
        source: (oneof Source { Template "template" message, Web "web" message, Media "media" message }),
        encoding: (oneof Encoding { Preset "preset" (name EncodingOptionsPreset), Advanced "advanced" message }),
        outputs: messages, storage: message, webhooks: messages,
    }
    ExportReplayRequest {
        replay_id: plain, start_offset_ms: int64, end_offset_ms: int64,
        source: (oneof ReplaySource { Template "template" message, Web "web" message, Media "media" message }),
        encoding: (oneof ReplayEncoding { Preset "preset" (name EncodingOptionsPreset), Advanced "advanced" message }),
        outputs: messages, storage: message, webhooks: messages,
    }
    TemplateSource { layout: plain, audio_only: plain, video_only: plain, custom_base_url: plain }
    WebSource { url: plain, audio_only: plain, video_only: plain, await_start_signal: plain }
    MediaSource {
        video: (oneof Video { VideoTrackId "video_track_id" plain, ParticipantVideo "participant_video" message }),
        audio: message,
    }
    ParticipantVideo { identity: plain, prefer_screen_share: plain }
    AudioConfig { capture_all: plain, routes: messages }
    AudioRoute {
        r#match: (oneof Match {
            TrackId "track_id" plain, ParticipantIdentity "participant_identity" plain,
            ParticipantKind "participant_kind" (name Kind),
        }),
        channel: (name AudioChannel),
    }
    Output {
        config: (oneof Config {
            File "file" message, Stream "stream" message, Segments "segments" message, Images "images" message,
        }),
        storage: message,
    }

    #[expect(deprecated, reason = "deprecated fields are on the wire all the same")]
    RoomCompositeEgressRequest {
        room_name: plain, layout: plain, audio_only: plain, audio_mixing: (name AudioMixing), video_only: plain,
        custom_base_url: plain,
        output: (oneof RoomOutput { File "file" message, Stream "stream" message, Segments "segments" message }),
        options: (oneof RoomOptions { Preset "preset" (name EncodingOptionsPreset), Advanced "advanced" message }),
        file_outputs: messages, stream_outputs: messages, segment_outputs: messages, image_outputs: messages,
        webhooks: messages,
    }
    #[expect(deprecated, reason = "deprecated fields are on the wire all the same")]
    WebEgressRequest {
        url: plain, audio_only: plain, video_only: plain, await_start_signal: plain,
        output: (oneof WebOutput { File "file" message, Stream "stream" message, Segments "segments" message }),
        options: (oneof WebOptions { Preset "preset" (name EncodingOptionsPreset), Advanced "advanced" message }),
        file_outputs: messages, stream_outputs: messages, segment_outputs: messages, image_outputs: messages,
        webhooks: messages,
    }
    ParticipantEgressRequest {
        room_name: plain, identity: plain, screen_share: plain,
        options: (oneof ParticipantOptions { Preset "preset" (name EncodingOptionsPreset), Advanced "advanced" message }),
        file_outputs: messages, stream_outputs: messages, segment_outputs: messages, image_outputs: messages,
        webhooks: messages,
    }
    #[expect(deprecated, reason = "deprecated fields are on the wire all the same")]
    TrackCompositeEgressRequest {
        room_name: plain, audio_track_id: plain, video_track_id: plain,
        output: (oneof TracksOutput { File "file" message, Stream "stream" message, Segments "segments" message }),
        options: (oneof TracksOptions { Preset "preset" (name EncodingOptionsPreset), Advanced "advanced" message }),
        file_outputs: messages, stream_outputs: messages, segment_outputs: messages, image_outputs: messages,
        webhooks: messages,
    }
    TrackEgressRequest {
        room_name: plain, track_id: plain,
        output: (oneof TrackOutput { File "file" message, WebsocketUrl "websocket_url" plain }),
        webhooks: messages,
    }

    EncodedFileOutput {
        file_type: (name EncodedFileType), filepath: plain, disable_manifest: plain,
        output: (oneof FilePlace { S3 "s3" message, Gcp "gcp" message, Azure "azure" message, AliOss "aliOSS" message }),
    }
    DirectFileOutput {
        filepath: plain, disable_manifest: plain,
        output: (oneof DirectPlace { S3 "s3" message, Gcp "gcp" message, Azure "azure" message, AliOss "aliOSS" message }),
    }
    FileOutput { file_type: (name EncodedFileType), filepath: plain, disable_manifest: plain }
    StreamOutput { protocol: (name StreamProtocol), urls: plain }
    SegmentedFileOutput {
        protocol: (name SegmentedFileProtocol), filename_prefix: plain, playlist_name: plain,
        live_playlist_name: plain, segment_duration: plain, filename_suffix: (name SegmentedFileSuffix),
        disable_manifest: plain,
        output: (oneof SegmentsPlace { S3 "s3" message, Gcp "gcp" message, Azure "azure" message, AliOss "aliOSS" message }),
    }
    ImageOutput {
        capture_interval: plain, width: plain, height: plain, filename_prefix: plain,
        filename_suffix: (name ImageFileSuffix), image_codec: (name ImageCodec), disable_manifest: plain,
        output: (oneof ImagesPlace { S3 "s3" message, Gcp "gcp" message, Azure "azure" message, AliOss "aliOSS" message }),
    }
    StorageConfig {
        provider: (oneof Provider { S3 "s3" message, Gcp "gcp" message, Azure "azure" message, AliOss "aliOSS" message }),
    }
    S3Upload {
        access_key: plain, secret: plain, session_token: plain, assume_role_arn: plain,
        assume_role_external_id: plain, region: plain, endpoint: plain, bucket: plain, force_path_style: plain,
        metadata: map, tagging: plain, content_disposition: plain, proxy: message,
    }
    GcpUpload { credentials: plain, bucket: plain, proxy: message }
    AzureBlobUpload { account_name: plain, account_key: plain, container_name: plain }
    AliOssUpload { access_key: plain, secret: plain, region: plain, endpoint: plain, bucket: plain }
    ProxyConfig { url: plain, username: plain, password: plain }
    WebhookConfig { url: plain, signing_key: plain, filter_params: message }
    FilterParams { include_events: plain, exclude_events: plain }
    #[expect(deprecated, reason = "deprecated fields are on the wire all the same")]
    EncodingOptions {
        width: plain, height: plain, depth: plain, framerate: plain, audio_codec: (name AudioCodec),
        audio_bitrate: plain, audio_frequency: plain, video_codec: (name VideoCodec), video_bitrate: plain,
        key_frame_interval: plain, audio_quality: plain, video_quality: plain,
    }
}

#[cfg(test)]
mod tests {
    use livekit_protocol::{
        DirectFileOutput, EgressInfo, EgressStatus, FileInfo, S3Upload, TrackEgressRequest,
    };
    use serde_json::json;

    use super::*;

    #[test]
    fn an_egress_reads_as_the_original_writes_it() {
        let s3 = S3Upload {
            metadata: [("a".to_owned(), "b".to_owned())].into(),
            ..S3Upload::default()
        };
        let file = DirectFileOutput {
            output: Some(DirectPlace::S3(s3)),
            ..DirectFileOutput::default()
        };
        let info = EgressInfo {
            egress_id: "EG_1".to_owned(),
            status: EgressStatus::EgressActive.into(),
            started_at: 7,
            request: Some(Request::Track(TrackEgressRequest {
                output: Some(TrackOutput::File(file)),
                ..TrackEgressRequest::default()
            })),
            file_results: vec![FileInfo {
                filename: "a.webm".to_owned(),
                ..FileInfo::default()
            }],
            ..EgressInfo::default()
        };
        assert_eq!(
            serde_json::to_value(AsJson(&info)).unwrap(),
            json!({
                "egress_id": "EG_1", "room_id": "", "room_name": "", "source_type": "EGRESS_SOURCE_TYPE_WEB",
                "status": "EGRESS_ACTIVE", "started_at": "7", "ended_at": "0", "updated_at": "0",
                "track": {
                    "room_name": "", "track_id": "", "webhooks": [],
                    "file": {
                        "filepath": "", "disable_manifest": false,
                        "s3": {
                            "access_key": "", "secret": "", "session_token": "", "assume_role_arn": "",
                            "assume_role_external_id": "", "region": "", "endpoint": "", "bucket": "",
                            "force_path_style": false, "metadata": {"a": "b"}, "tagging": "",
                            "content_disposition": "", "proxy": null,
                        },
                    },
                },
                "stream_results": [], "segment_results": [], "image_results": [],
                "file_results": [{
                    "filename": "a.webm", "started_at": "0", "ended_at": "0", "duration": "0", "size": "0",
                    "location": "",
                }],
                "error": "", "error_code": 0, "details": "", "manifest_location": "",
                "backup_storage_used": false, "retry_count": 0,
            })
        );
    }
}
