//! From `addTrack` to the track's description: what a client says it will publish, before any media is known.

use livekit_protocol as proto;
use livekit_wire::TrackSid;
use proto::{
    AddTrackRequest, AudioTrackFeature, SimulcastCodecInfo, TrackInfo, TrackSource, TrackType,
    video_layer,
};
use str0m::media::MediaKind;

use crate::forward::Codec;
use crate::peer::{PublishPlan, PublishSource};

/// A track the client may publish: announced, and perhaps published already.
#[derive(Debug, Clone)]
pub struct AnnouncedTrack {
    /// `addTrack.cid`.
    pub cid: String,
    /// What the others will see.
    pub info: TrackInfo,
    /// Waits for an earlier track with the same cid to be unpublished.
    pub queued: bool,
}

impl AnnouncedTrack {
    /// Whether one of the track's encodings goes by this client id.
    pub fn has_cid(&self, cid: &str) -> bool {
        self.cid == cid
            || self
                .info
                .codecs
                .iter()
                .any(|codec| codec.cid == cid || codec.sdp_cid == cid)
    }

    /// How the track's section of an offer is to be answered.
    pub fn plan(&self) -> PublishPlan {
        publish_plan(&self.cid, &self.info)
    }
}

/// Whether a source has tracks of this kind. Permissions and moderators speak of sources, so a camera must not go by the
/// name of a microphone.
pub fn source_fits(source: TrackSource, kind: TrackType) -> bool {
    match source {
        TrackSource::Camera | TrackSource::ScreenShare => kind == TrackType::Video,
        TrackSource::Microphone | TrackSource::ScreenShareAudio => kind == TrackType::Audio,
        // Named by nobody's permission but the one to publish everything.
        TrackSource::Unknown => true,
    }
}

/// How the section of a track is to be answered.
pub fn publish_plan(cid: &str, info: &TrackInfo) -> PublishPlan {
    let mut sources: Vec<PublishSource> = info
        .codecs
        .iter()
        .filter(|codec| !codec.cid.is_empty())
        .map(|codec| PublishSource {
            cid: codec.cid.clone(),
            codec: Codec::from_mime(&codec.mime_type),
        })
        .collect();
    if !cid.is_empty() && sources.iter().all(|source| source.cid != cid) {
        let codec = info
            .codecs
            .first()
            .and_then(|codec| Codec::from_mime(&codec.mime_type));
        sources.push(PublishSource {
            cid: cid.to_owned(),
            codec,
        });
    }
    let has = |feature| info.audio_features().any(|known| known == feature);
    PublishPlan {
        track_sid: info.sid.clone(),
        kind: match info.r#type() {
            TrackType::Video => MediaKind::Video,
            TrackType::Audio | TrackType::Data => MediaKind::Audio,
        },
        sources,
        red: !info.disable_red && info.encryption() == proto::encryption::Type::None,
        dtx: !has(AudioTrackFeature::TfNoDtx),
        stereo: has(AudioTrackFeature::TfStereo),
    }
}

/// The description of a track as `trackPublished` repeats it; codecs the room does not enable are
/// replaced by the first that it does, and enum values that LiveKit does not have by its default: JSON has no word for them.
#[expect(
    deprecated,
    reason = "LiveKit still fills the fields that older clients read"
)]
pub fn track_info(
    request: &AddTrackRequest,
    sid: &TrackSid,
    enabled: &[proto::Codec],
) -> TrackInfo {
    let mut info = TrackInfo {
        sid: sid.as_str().to_owned(),
        r#type: request.r#type().into(),
        name: request.name.clone(),
        muted: request.muted,
        width: request.width,
        height: request.height,
        disable_dtx: request.disable_dtx,
        source: request.source().into(),
        layers: sorted_layers(&request.layers),
        stereo: request.stereo,
        disable_red: request.disable_red,
        encryption: request.encryption().into(),
        stream: request.stream.clone(),
        audio_features: known_audio_features(&request.audio_features),
        backup_codec_policy: backup_codec_policy(request),
        packet_trailer_features: known::<proto::PacketTrailerFeature>(
            &request.packet_trailer_features,
        ),
        ..TrackInfo::default()
    };
    let mut add_feature = |wanted: bool, feature: AudioTrackFeature| {
        let feature = i32::from(feature);
        if wanted && !info.audio_features.contains(&feature) {
            info.audio_features.push(feature);
        }
    };
    add_feature(request.stereo, AudioTrackFeature::TfStereo);
    add_feature(request.disable_dtx, AudioTrackFeature::TfNoDtx);
    if info.stream.is_empty() {
        stream_of(request.source()).clone_into(&mut info.stream);
    }
    info.codecs = codecs(request, enabled);
    info.simulcast = info.codecs.first().is_some_and(|codec| {
        !request.simulcast_codecs.is_empty()
            && codec.video_layer_mode() != video_layer::Mode::MultipleSpatialLayersPerStream
            && codec.layers.len() > 1
    });
    info
}

fn codecs(request: &AddTrackRequest, enabled: &[proto::Codec]) -> Vec<SimulcastCodecInfo> {
    if request.simulcast_codecs.is_empty() {
        return vec![SimulcastCodecInfo {
            cid: request.cid.clone(),
            layers: sorted_layers(&request.layers),
            video_layer_mode: video_layer::Mode::OneSpatialLayerPerStream.into(),
            ..SimulcastCodecInfo::default()
        }];
    }
    let mut codecs: Vec<SimulcastCodecInfo> = Vec::new();
    for asked in &request.simulcast_codecs {
        let mime_type = enabled_mime(&asked.codec, request.r#type(), enabled);
        if mime_type.is_empty() || codecs.iter().any(|known| known.mime_type == mime_type) {
            continue;
        }
        let mode = match (asked.video_layer_mode(), Codec::from_mime(&mime_type)) {
            (video_layer::Mode::Unused, Some(Codec::Vp9 | Codec::Av1)) => {
                video_layer::Mode::MultipleSpatialLayersPerStream
            }
            (video_layer::Mode::Unused, _) if request.r#type() == TrackType::Video => {
                video_layer::Mode::OneSpatialLayerPerStream
            }
            (mode, _) => mode,
        };
        let layers = if asked.layers.is_empty() {
            &request.layers
        } else {
            &asked.layers
        };
        codecs.push(SimulcastCodecInfo {
            mime_type,
            cid: asked.cid.clone(),
            layers: sorted_layers(layers),
            video_layer_mode: mode.into(),
            ..SimulcastCodecInfo::default()
        });
    }
    codecs
}

/// The full mime type of a codec as clients name it (`vp8`), or the room's first of the kind.
fn enabled_mime(codec: &str, kind: TrackType, enabled: &[proto::Codec]) -> String {
    if codec.is_empty() {
        return String::new();
    }
    let prefix = if kind == TrackType::Video {
        "video/"
    } else {
        "audio/"
    };
    let full = if codec.to_ascii_lowercase().starts_with(prefix) {
        codec.to_owned()
    } else {
        format!("{prefix}{codec}")
    };
    let is_media = |mime: &str| Codec::from_mime(mime).is_some();
    enabled
        .iter()
        .find(|known| known.mime.eq_ignore_ascii_case(&full) && is_media(&known.mime))
        .or_else(|| {
            enabled.iter().find(|known| {
                known.mime.to_ascii_lowercase().starts_with(prefix) && is_media(&known.mime)
            })
        })
        .map(|known| known.mime.clone())
        .unwrap_or_default()
}

/// Audio is sent in all its codecs unless the client forbids it, as LiveKit decides.
fn backup_codec_policy(request: &AddTrackRequest) -> i32 {
    let policy = request.backup_codec_policy();
    if request.r#type() == TrackType::Audio && policy != proto::BackupCodecPolicy::Regression {
        proto::BackupCodecPolicy::Simulcast.into()
    } else {
        policy.into()
    }
}

fn stream_of(source: proto::TrackSource) -> &'static str {
    match source {
        proto::TrackSource::Camera | proto::TrackSource::Microphone => "camera",
        proto::TrackSource::ScreenShare | proto::TrackSource::ScreenShareAudio => "screen",
        proto::TrackSource::Unknown => "unknown",
    }
}

/// Layers from low to high.
pub fn sorted_layers(layers: &[proto::VideoLayer]) -> Vec<proto::VideoLayer> {
    let mut layers = layers.to_vec();
    for layer in &mut layers {
        layer.quality = layer.quality().into();
    }
    layers.sort_by_key(|layer| layer.quality);
    layers
}

/// Each audio feature once.
pub fn known_audio_features(features: &[i32]) -> Vec<i32> {
    known::<AudioTrackFeature>(features)
}

/// Each value of an enum once; those that it does not have are left out.
fn known<E: TryFrom<i32>>(values: &[i32]) -> Vec<i32> {
    let mut seen = Vec::new();
    for value in values {
        if !seen.contains(value) && E::try_from(*value).is_ok() {
            seen.push(*value);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::RoomDefaults;

    fn sid() -> TrackSid {
        TrackSid::from_wire("TR_VCtest")
    }

    fn camera() -> AddTrackRequest {
        AddTrackRequest {
            cid: "camera-cid".to_owned(),
            r#type: TrackType::Video.into(),
            source: proto::TrackSource::Camera.into(),
            simulcast_codecs: vec![proto::SimulcastCodec {
                codec: "vp8".to_owned(),
                cid: "camera-cid".to_owned(),
                ..proto::SimulcastCodec::default()
            }],
            layers: [2, 0, 1]
                .map(|quality| proto::VideoLayer {
                    quality,
                    ..proto::VideoLayer::default()
                })
                .to_vec(),
            ..AddTrackRequest::default()
        }
    }

    #[test]
    fn layers_are_listed_from_low_to_high() {
        let info = track_info(&camera(), &sid(), &RoomDefaults::default().enabled_codecs);
        let qualities: Vec<i32> = info.codecs[0]
            .layers
            .iter()
            .map(|layer| layer.quality)
            .collect();
        assert_eq!(qualities, [0, 1, 2]);
        assert_eq!(info.codecs[0].mime_type, "video/VP8");
    }

    #[test]
    fn a_codec_that_is_not_enabled_is_replaced() {
        let mut request = camera();
        request.simulcast_codecs[0].codec = "av1".to_owned();
        let enabled = [proto::Codec {
            mime: "video/H264".to_owned(),
            fmtp_line: String::new(),
        }];
        let info = track_info(&request, &sid(), &enabled);
        assert_eq!(info.codecs[0].mime_type, "video/H264");
    }

    #[test]
    fn encrypted_audio_is_not_sent_with_redundancy() {
        let request = AddTrackRequest {
            cid: "microphone-cid".to_owned(),
            encryption: proto::encryption::Type::Gcm.into(),
            ..AddTrackRequest::default()
        };
        let info = track_info(&request, &sid(), &[]);
        let plan = publish_plan(&request.cid, &info);
        assert!(!plan.red && plan.dtx && !plan.stereo);
        assert_eq!(
            plan.sources,
            [PublishSource {
                cid: request.cid,
                codec: None
            }]
        );
    }

    #[test]
    fn what_livekit_has_no_word_for_is_not_repeated() {
        let mut request = camera();
        request.source = 99;
        request.encryption = 99;
        request.audio_features = vec![99, 1, 1];
        request.packet_trailer_features = vec![99];
        request.layers[0].quality = 99;
        let info = track_info(&request, &sid(), &RoomDefaults::default().enabled_codecs);
        assert_eq!(info.audio_features, [1]);
        serde_json::to_string(&info).expect("a track that JSON can tell");
    }

    #[test]
    fn a_microphone_and_a_camera_share_a_stream() {
        assert_eq!(track_info(&camera(), &sid(), &[]).stream, "camera");
    }
}
