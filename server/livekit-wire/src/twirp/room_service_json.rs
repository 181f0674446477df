//! The fields of every message that RoomService answers with, in the order of the protocol's declaration.

use livekit_protocol::{
    AudioTrackFeature, BackupCodecPolicy, DataTrackFrameEncoding, DataTrackSchemaEncoding,
    DisconnectReason, PacketTrailerFeature, TrackSource, TrackType, VideoQuality,
    client_info::Capability, data_track_frame_encoding, data_track_schema_encoding, encryption,
    participant_info, video_layer,
};
use serde::{Serializer, ser::SerializeMap};

use super::json::{
    AsJson, EnumName, Int64, List, TwirpJson, empty_twirp_json, field, sorted, twirp_json,
};

twirp_json! {
    Room {
        sid: plain, name: plain, empty_timeout: plain, departure_timeout: plain, max_participants: plain,
        creation_time: int64, creation_time_ms: int64, turn_password: plain, enabled_codecs: messages,
        metadata: plain, num_participants: plain, num_publishers: plain, active_recording: plain, version: message,
    }
    Codec { mime: plain, fmtp_line: plain }
    TimedVersion { unix_micro: int64, ticks: plain }
    #[expect(deprecated, reason = "deprecated fields are on the wire all the same")]
    ParticipantPermission {
        can_subscribe: plain, can_publish: plain, can_publish_data: plain, can_publish_sources: (names TrackSource),
        hidden: plain, recorder: plain, can_update_metadata: plain, agent: plain, can_subscribe_metrics: plain,
        can_manage_agent_session: plain,
    }
    ParticipantInfo {
        sid: plain, identity: plain, state: (name participant_info::State), tracks: messages, metadata: plain,
        joined_at: int64, joined_at_ms: int64, name: plain, version: plain, permission: message, region: plain,
        is_publisher: plain, kind: (name participant_info::Kind), attributes: map,
        disconnect_reason: (name DisconnectReason), kind_details: (names participant_info::KindDetail),
        data_tracks: messages, client_protocol: plain, capabilities: (names Capability),
    }
    #[expect(deprecated, reason = "deprecated fields are on the wire all the same")]
    TrackInfo {
        sid: plain, r#type: (name TrackType), name: plain, muted: plain, width: plain, height: plain,
        simulcast: plain, disable_dtx: plain, source: (name TrackSource), layers: messages, mime_type: plain,
        mid: plain, codecs: messages, stereo: plain, disable_red: plain, encryption: (name encryption::Type),
        stream: plain, version: message, audio_features: (names AudioTrackFeature),
        backup_codec_policy: (name BackupCodecPolicy), packet_trailer_features: (names PacketTrailerFeature),
    }
    SimulcastCodecInfo {
        mime_type: plain, mid: plain, cid: plain, layers: messages, video_layer_mode: (name video_layer::Mode),
        sdp_cid: plain,
    }
    VideoLayer {
        quality: (name VideoQuality), width: plain, height: plain, bitrate: plain, ssrc: plain, spatial_layer: plain,
        rid: plain, repair_ssrc: plain,
    }
    DataTrackInfo {
        pub_handle: plain, sid: plain, name: plain, encryption: (name encryption::Type), frame_encoding: optional,
        schema: optional,
    }
    DataTrackSchemaId { name: plain, encoding: message }
    ListRoomsResponse { rooms: messages }
    ListParticipantsResponse { participants: messages }
    MuteRoomTrackResponse { track: message }
    PerformRpcResponse { payload: plain }
}

empty_twirp_json! {
    DeleteRoomResponse, RemoveParticipantResponse, UpdateSubscriptionsResponse, SendDataResponse,
    ForwardParticipantResponse, MoveParticipantResponse,
}

impl TwirpJson for DataTrackFrameEncoding {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use data_track_frame_encoding::{Value, WellKnownFrameEncoding};
        let mut map = serializer.serialize_map(None)?;
        match &self.value {
            Some(Value::WellKnown(number)) => {
                let name = WellKnownFrameEncoding::try_from(*number)
                    .ok()
                    .map(|value| value.as_str_name());
                field(&mut map, "well_known", &EnumName(name, *number))?;
            }
            Some(Value::Custom(custom)) => field(&mut map, "custom", custom)?,
            None => {}
        }
        map.end()
    }
}

impl TwirpJson for DataTrackSchemaEncoding {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use data_track_schema_encoding::{Value, WellKnownSchemaEncoding};
        let mut map = serializer.serialize_map(None)?;
        match &self.value {
            Some(Value::WellKnown(number)) => {
                let name = WellKnownSchemaEncoding::try_from(*number)
                    .ok()
                    .map(|value| value.as_str_name());
                field(&mut map, "well_known", &EnumName(name, *number))?;
            }
            Some(Value::Custom(custom)) => field(&mut map, "custom", custom)?,
            None => {}
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use livekit_protocol::{
        Codec, DataTrackInfo, ListRoomsResponse, ParticipantInfo, Room, TimedVersion, TrackInfo,
    };
    use serde_json::{Value, json};

    use super::*;

    fn json_of(message: &impl TwirpJson) -> Value {
        serde_json::to_value(AsJson(message)).unwrap()
    }

    #[test]
    fn a_room_reads_as_the_real_server_writes_it() {
        let room = Room {
            sid: "RM_LZJUffMQvK9d".to_owned(),
            name: "r1".to_owned(),
            empty_timeout: 30,
            departure_timeout: 20,
            max_participants: 3,
            creation_time: 1_795_248_033,
            creation_time_ms: 1_795_248_033_440,
            turn_password: "secret".to_owned(),
            enabled_codecs: vec![Codec {
                mime: "audio/PCMU".to_owned(),
                fmtp_line: String::new(),
            }],
            metadata: "m".to_owned(),
            ..Room::default()
        };
        // Captured from livekit-server 1.11.0.
        let captured = r#"{"rooms":[{"sid":"RM_LZJUffMQvK9d","name":"r1","empty_timeout":30,"departure_timeout":20,"max_participants":3,"creation_time":"1795248033","creation_time_ms":"1795248033440","turn_password":"secret","enabled_codecs":[{"mime":"audio/PCMU","fmtp_line":""}],"metadata":"m","num_participants":0,"num_publishers":0,"active_recording":false,"version":null}]}"#;
        let written =
            serde_json::to_string(&AsJson(&ListRoomsResponse { rooms: vec![room] })).unwrap();
        assert_eq!(written, captured);
    }

    #[test]
    fn a_default_participant_has_every_field() {
        assert_eq!(
            json_of(&ParticipantInfo::default()),
            json!({
                "sid": "", "identity": "", "state": "JOINING", "tracks": [], "metadata": "", "joined_at": "0",
                "joined_at_ms": "0", "name": "", "version": 0, "permission": null, "region": "",
                "is_publisher": false, "kind": "STANDARD", "attributes": {}, "disconnect_reason": "UNKNOWN_REASON",
                "kind_details": [], "data_tracks": [], "client_protocol": 0, "capabilities": [],
            })
        );
    }

    #[test]
    fn a_track_spells_its_type_and_its_enums() {
        let track = TrackInfo {
            r#type: TrackType::Video.into(),
            audio_features: vec![AudioTrackFeature::TfNoDtx.into(), 99],
            version: Some(TimedVersion {
                unix_micro: 7,
                ticks: -1,
            }),
            ..TrackInfo::default()
        };
        let json = json_of(&track);
        assert_eq!(json["type"], "VIDEO");
        assert_eq!(json["encryption"], "NONE");
        assert_eq!(json["audio_features"], json!(["TF_NO_DTX", 99]));
        assert_eq!(json["version"], json!({"unix_micro": "7", "ticks": -1}));
    }

    #[test]
    fn what_is_written_can_be_read_by_any_proto3_reader() {
        let info = ParticipantInfo {
            tracks: vec![TrackInfo::default()],
            data_tracks: vec![DataTrackInfo::default()],
            attributes: [
                ("b".to_owned(), "2".to_owned()),
                ("a".to_owned(), "1".to_owned()),
            ]
            .into(),
            ..ParticipantInfo::default()
        };
        let bytes = serde_json::to_vec(&AsJson(&info)).unwrap();
        assert_eq!(
            crate::Encoding::Json
                .decode::<ParticipantInfo>(&bytes)
                .unwrap(),
            info
        );
    }
}
