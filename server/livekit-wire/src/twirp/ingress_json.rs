//! The fields of every message that Ingress answers with, in the order of the protocol's declaration.

use livekit_protocol::{
    AudioCodec, IngressAudioEncodingPreset, IngressInput, IngressVideoEncodingPreset, TrackSource,
    VideoCodec, ingress_audio_options::EncodingOptions as AudioEncoding, ingress_state,
    ingress_video_options::EncodingOptions as VideoEncoding,
};
use serde::ser::SerializeMap;

use super::json::{AsJson, EnumName, Int64, List, TwirpJson, field, twirp_json};

twirp_json! {
    ListIngressResponse { items: messages, next_page_token: message }
    #[expect(deprecated, reason = "deprecated fields are on the wire all the same")]
    IngressInfo {
        ingress_id: plain, name: plain, stream_key: plain, url: plain, input_type: (name IngressInput),
        bypass_transcoding: plain, enable_transcoding: present, audio: message, video: message, room_name: plain,
        participant_identity: plain, participant_name: plain, participant_metadata: plain, reusable: plain,
        state: message, enabled: present,
    }
    IngressState {
        status: (name ingress_state::Status), error: plain, video: message, audio: message, room_id: plain,
        started_at: int64, ended_at: int64, updated_at: int64, resource_id: plain, tracks: messages,
    }
    InputVideoState { mime_type: plain, average_bitrate: plain, width: plain, height: plain, framerate: plain }
    InputAudioState { mime_type: plain, average_bitrate: plain, channels: plain, sample_rate: plain }
    IngressAudioOptions {
        name: plain, source: (name TrackSource),
        encoding_options: (oneof AudioEncoding {
            Preset "preset" (name IngressAudioEncodingPreset), Options "options" message,
        }),
    }
    IngressVideoOptions {
        name: plain, source: (name TrackSource),
        encoding_options: (oneof VideoEncoding {
            Preset "preset" (name IngressVideoEncodingPreset), Options "options" message,
        }),
    }
    IngressAudioEncodingOptions {
        audio_codec: (name AudioCodec), bitrate: plain, disable_dtx: plain, channels: plain,
    }
    IngressVideoEncodingOptions { video_codec: (name VideoCodec), frame_rate: plain, layers: messages }
}

#[cfg(test)]
mod tests {
    use livekit_protocol::{IngressInfo, IngressState};
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_optional_is_there_when_it_says_something() {
        let mut ingress = IngressInfo {
            state: Some(IngressState {
                started_at: 7,
                ..IngressState::default()
            }),
            ..IngressInfo::default()
        };
        let written = serde_json::to_value(AsJson(&ingress)).unwrap();
        assert_eq!(written["input_type"], "RTMP_INPUT");
        assert_eq!(written["state"]["status"], "ENDPOINT_INACTIVE");
        assert_eq!(written["state"]["started_at"], "7");
        assert!(written.get("enabled").is_none() && written.get("enable_transcoding").is_none());
        ingress.enabled = Some(false);
        let written = serde_json::to_value(AsJson(&ingress)).unwrap();
        assert_eq!(written["enabled"], json!(false));
    }
}
