//! What an ingress may be: LiveKit's rules (pkg/service/ingress.go, protocol `ingress/validation.go`), and what this server
//! has of it. It must not know those that there are.

use livekit_wire::{
    ids::random_id,
    proto::{
        AudioCodec, CreateIngressRequest, IngressAudioEncodingPreset, IngressAudioOptions,
        IngressInfo, IngressInput, IngressState, IngressVideoEncodingOptions,
        IngressVideoEncodingPreset, IngressVideoOptions, TrackSource, UpdateIngressRequest,
        VideoCodec, ingress_audio_options as audio, ingress_video_options as video,
    },
};
use rand::Rng;

use super::{IngressError, Settings};

/// Longer than any name or identity in earnest.
const LONGEST_TEXT: usize = 256;
/// LiveKit's own limit of metadata is 64 KiB.
const LONGEST_METADATA: usize = 64 * 1024;
const NO_RTMP: &str = "RTMP needs ffmpeg on the media server's machine and a port (livekit.ingress.rtmp_port) when Convoke starts; WHIP works without";
const NO_URL: &str = "the built-in media server takes WHIP and RTMP only; pulling from a URL needs LiveKit's own ingress service and an external LiveKit cluster";
const NO_TRANSCODING: &str =
    "the built-in media server passes on what an encoder sends by WHIP; it transcodes RTMP only";
const NO_OTHER_VIDEO: &str = "the built-in media server encodes RTMP into H.264 baseline only";
const LARGEST_SIDE: u32 = 3840;
const HIGHEST_RATE: u32 = 20_000_000;
const HIGHEST_RATE_OF_SOUND: u32 = 510_000;
const MOST_FRAMES: f64 = 60.0;

/// A new ingress, with an id and a stream key of its own.
pub(super) fn created(
    request: CreateIngressRequest,
    settings: &Settings,
    random: &mut impl Rng,
) -> Result<IngressInfo, IngressError> {
    let input = match IngressInput::try_from(request.input_type) {
        Ok(IngressInput::RtmpInput) if !settings.takes_rtmp() => {
            return Err(IngressError::Unimplemented(NO_RTMP));
        }
        Ok(input @ (IngressInput::WhipInput | IngressInput::RtmpInput)) => input,
        Ok(IngressInput::UrlInput) => return Err(IngressError::Unimplemented(NO_URL)),
        Err(_) => return Err(IngressError::Invalid("unsupported input type")),
    };
    let info = IngressInfo {
        ingress_id: random_id("IN_", random),
        name: request.name,
        // Twice LiveKit's twelve letters: whoever has it is in.
        stream_key: format!("{}{}", random_id("", random), random_id("", random)),
        url: address(input, settings).to_owned(),
        input_type: input.into(),
        enable_transcoding: request.enable_transcoding,
        audio: request.audio,
        video: request.video,
        room_name: request.room_name,
        participant_identity: request.participant_identity,
        participant_name: request.participant_name,
        participant_metadata: request.participant_metadata,
        reusable: true,
        state: Some(IngressState::default()),
        enabled: request.enabled,
        ..IngressInfo::default()
    };
    checked(info)
}

/// Where its encoder sends to.
pub(super) fn address(input: IngressInput, settings: &Settings) -> &str {
    match input {
        IngressInput::RtmpInput => &settings.rtmp_base_url,
        IngressInput::WhipInput | IngressInput::UrlInput => &settings.whip_base_url,
    }
}

/// Changes what is not empty.
pub(super) fn update(
    info: &mut IngressInfo,
    request: UpdateIngressRequest,
) -> Result<(), IngressError> {
    let text = |new: String, old: &str| if new.is_empty() { old.to_owned() } else { new };
    let next = IngressInfo {
        name: text(request.name, &info.name),
        room_name: text(request.room_name, &info.room_name),
        participant_identity: text(request.participant_identity, &info.participant_identity),
        participant_name: text(request.participant_name, &info.participant_name),
        participant_metadata: text(request.participant_metadata, &info.participant_metadata),
        enable_transcoding: request.enable_transcoding.or(info.enable_transcoding),
        audio: request.audio.or_else(|| info.audio.clone()),
        video: request.video.or_else(|| info.video.clone()),
        enabled: request.enabled.or(info.enabled),
        ..info.clone()
    };
    *info = checked(next)?;
    Ok(())
}

#[expect(
    deprecated,
    reason = "LiveKit still fills the field that older clients read"
)]
fn checked(mut info: IngressInfo) -> Result<IngressInfo, IngressError> {
    if info.participant_identity.is_empty() {
        return Err(IngressError::Invalid("no participant identity"));
    }
    for (text, name, longest) in [
        (&info.name, "name", LONGEST_TEXT),
        (&info.room_name, "room_name", LONGEST_TEXT),
        (
            &info.participant_identity,
            "participant_identity",
            LONGEST_TEXT,
        ),
        (&info.participant_name, "participant_name", LONGEST_TEXT),
        (
            &info.participant_metadata,
            "participant_metadata",
            LONGEST_METADATA,
        ),
    ] {
        if text.len() > longest {
            return Err(IngressError::TooLong(name));
        }
    }
    let transcodes = match info.input_type() {
        IngressInput::RtmpInput => info.enable_transcoding != Some(false),
        IngressInput::WhipInput | IngressInput::UrlInput => {
            if info.enable_transcoding == Some(true) {
                return Err(IngressError::Unimplemented(NO_TRANSCODING));
            }
            false
        }
    };
    info.enable_transcoding = Some(transcodes);
    info.bypass_transcoding = !transcodes;
    check_video(info.video.as_ref(), transcodes)?;
    check_audio(info.audio.as_ref(), info.input_type())?;
    Ok(info)
}

fn check_video(
    options: Option<&IngressVideoOptions>,
    transcodes: bool,
) -> Result<(), IngressError> {
    let Some(options) = options else {
        return Ok(());
    };
    match &options.encoding_options {
        None => {}
        Some(_) if !transcodes => {
            let why = "video encoding options must be empty if transcoding is disabled";
            return Err(IngressError::Invalid(why));
        }
        Some(video::EncodingOptions::Preset(preset)) => {
            IngressVideoEncodingPreset::try_from(*preset)
                .map_err(|_| IngressError::Invalid("video preset"))?;
        }
        Some(video::EncodingOptions::Options(options)) => check_layers(options)?,
    }
    match options.source() {
        TrackSource::Unknown | TrackSource::Camera | TrackSource::ScreenShare => Ok(()),
        TrackSource::Microphone | TrackSource::ScreenShareAudio => {
            Err(IngressError::Invalid("video source"))
        }
    }
}

fn check_layers(options: &IngressVideoEncodingOptions) -> Result<(), IngressError> {
    match options.video_codec() {
        VideoCodec::DefaultVc | VideoCodec::H264Baseline => {}
        VideoCodec::H264Main | VideoCodec::H264High | VideoCodec::Vp8 => {
            return Err(IngressError::Unimplemented(NO_OTHER_VIDEO));
        }
    }
    let fits = options.layers.iter().all(|layer| {
        (layer.width == 0) == (layer.height == 0)
            && layer.width <= LARGEST_SIDE
            && layer.height <= LARGEST_SIDE
            && layer.bitrate <= HIGHEST_RATE
    });
    let rate = options.frame_rate;
    if fits && (0.0..=MOST_FRAMES).contains(&rate) {
        Ok(())
    } else {
        Err(IngressError::Invalid("video encoding options"))
    }
}

/// RTMP's sound is always transcoded: browsers know no AAC in calls.
fn check_audio(
    options: Option<&IngressAudioOptions>,
    input: IngressInput,
) -> Result<(), IngressError> {
    let Some(options) = options else {
        return Ok(());
    };
    match &options.encoding_options {
        None => {}
        Some(_) if input != IngressInput::RtmpInput => {
            let why = "audio encoding options must be empty if transcoding is disabled";
            return Err(IngressError::Invalid(why));
        }
        Some(audio::EncodingOptions::Preset(preset)) => {
            IngressAudioEncodingPreset::try_from(*preset)
                .map_err(|_| IngressError::Invalid("audio preset"))?;
        }
        Some(audio::EncodingOptions::Options(options)) => {
            if options.audio_codec() == AudioCodec::Aac {
                return Err(IngressError::Invalid("audio codec"));
            }
            if options.channels > 2 || options.bitrate > HIGHEST_RATE_OF_SOUND {
                return Err(IngressError::Invalid("audio encoding options"));
            }
        }
    }
    match options.source() {
        TrackSource::Unknown | TrackSource::Microphone | TrackSource::ScreenShareAudio => Ok(()),
        TrackSource::Camera | TrackSource::ScreenShare => {
            Err(IngressError::Invalid("audio source"))
        }
    }
}
