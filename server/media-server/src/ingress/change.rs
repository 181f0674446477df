//! What an ingress may be: LiveKit's rules (pkg/service/ingress.go, protocol `ingress/validation.go`), and what this server
//! has of it. It must not know those that there are.

use livekit_wire::{
    ids::random_id,
    proto::{
        CreateIngressRequest, IngressAudioOptions, IngressInfo, IngressInput, IngressState,
        IngressVideoOptions, TrackSource, UpdateIngressRequest,
    },
};
use rand::Rng;

use super::IngressError;

/// Longer than any name or identity in earnest.
const LONGEST_TEXT: usize = 256;
/// LiveKit's own limit of metadata is 64 KiB.
const LONGEST_METADATA: usize = 64 * 1024;
const NO_RTMP: &str = "the built-in media server takes WHIP only; RTMP needs LiveKit's own ingress service and an external LiveKit cluster";
const NO_URL: &str = "the built-in media server takes WHIP only; pulling from a URL needs LiveKit's own ingress service and an external LiveKit cluster";
const NO_TRANSCODING: &str =
    "the built-in media server passes on what an encoder sends; it does not transcode";

/// A new ingress, with an id and a stream key of its own.
pub(super) fn created(
    request: CreateIngressRequest,
    whip_base_url: &str,
    random: &mut impl Rng,
) -> Result<IngressInfo, IngressError> {
    match IngressInput::try_from(request.input_type) {
        Ok(IngressInput::WhipInput) => {}
        Ok(IngressInput::RtmpInput) => return Err(IngressError::Unimplemented(NO_RTMP)),
        Ok(IngressInput::UrlInput) => return Err(IngressError::Unimplemented(NO_URL)),
        Err(_) => return Err(IngressError::Invalid("unsupported input type")),
    }
    let info = IngressInfo {
        ingress_id: random_id("IN_", random),
        name: request.name,
        // Twice LiveKit's twelve letters: whoever has it is in.
        stream_key: format!("{}{}", random_id("", random), random_id("", random)),
        url: whip_base_url.to_owned(),
        input_type: IngressInput::WhipInput.into(),
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
    if info.enable_transcoding == Some(true) {
        return Err(IngressError::Unimplemented(NO_TRANSCODING));
    }
    info.enable_transcoding = Some(false);
    info.bypass_transcoding = true;
    check_video(info.video.as_ref())?;
    check_audio(info.audio.as_ref())?;
    Ok(info)
}

fn check_video(options: Option<&IngressVideoOptions>) -> Result<(), IngressError> {
    let Some(options) = options else {
        return Ok(());
    };
    if options.encoding_options.is_some() {
        let why = "video encoding options must be empty if transcoding is disabled";
        return Err(IngressError::Invalid(why));
    }
    match options.source() {
        TrackSource::Unknown | TrackSource::Camera | TrackSource::ScreenShare => Ok(()),
        TrackSource::Microphone | TrackSource::ScreenShareAudio => {
            Err(IngressError::Invalid("video source"))
        }
    }
}

fn check_audio(options: Option<&IngressAudioOptions>) -> Result<(), IngressError> {
    let Some(options) = options else {
        return Ok(());
    };
    if options.encoding_options.is_some() {
        let why = "audio encoding options must be empty if transcoding is disabled";
        return Err(IngressError::Invalid(why));
    }
    match options.source() {
        TrackSource::Unknown | TrackSource::Microphone | TrackSource::ScreenShareAudio => Ok(()),
        TrackSource::Camera | TrackSource::ScreenShare => {
            Err(IngressError::Invalid("audio source"))
        }
    }
}
