//! What an ingress wants its encoder's stream to become: LiveKit's presets and options in ffmpeg's numbers. It must not know how
//! it is made.

use livekit_wire::proto::{
    IngressAudioEncodingPreset as AudioPreset, IngressAudioOptions, IngressInfo,
    IngressVideoEncodingOptions, IngressVideoEncodingPreset as VideoPreset, IngressVideoOptions,
    TrackSource, ingress_audio_options::EncodingOptions as AudioEncoding,
    ingress_video_options::EncodingOptions as VideoEncoding,
};

/// What becomes of the pictures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pictures {
    /// As they are.
    Copied,
    /// H.264, no larger than this and no larger than they are.
    Encoded {
        /// The longer side's and the other's limit.
        size: (u32, u32),
        /// Frames in a second, at most.
        frames: f64,
        bits_per_second: u32,
    },
}

/// What becomes of the sound: Opus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sound {
    pub bits_per_second: u32,
    pub channels: u32,
}

/// A track's name and source.
pub type Label = (String, TrackSource);

/// What becomes of the pictures.
pub fn pictures(ingress: &IngressInfo) -> Pictures {
    if ingress.enable_transcoding == Some(false) {
        return Pictures::Copied;
    }
    let options = ingress.video.as_ref();
    match options.and_then(|options| options.encoding_options.as_ref()) {
        Some(VideoEncoding::Options(options)) => of_options(options),
        Some(VideoEncoding::Preset(preset)) => {
            of_preset(VideoPreset::try_from(*preset).unwrap_or_default())
        }
        None => of_preset(VideoPreset::default()),
    }
}

fn of_preset(preset: VideoPreset) -> Pictures {
    let (size, frames, bits_per_second) = match preset {
        VideoPreset::H264720p30fps3Layers | VideoPreset::H264720p30fps1Layer => {
            ((1280, 720), 30.0, 1_900_000)
        }
        VideoPreset::H2641080p30fps3Layers | VideoPreset::H2641080p30fps1Layer => {
            ((1920, 1080), 30.0, 3_500_000)
        }
        VideoPreset::H264540p25fps2Layers => ((960, 540), 25.0, 1_000_000),
        VideoPreset::H264720p30fps3LayersHighMotion
        | VideoPreset::H264720p30fps1LayerHighMotion => ((1280, 720), 30.0, 2_500_000),
        VideoPreset::H2641080p30fps3LayersHighMotion
        | VideoPreset::H2641080p30fps1LayerHighMotion => ((1920, 1080), 30.0, 4_500_000),
        VideoPreset::H264540p25fps2LayersHighMotion => ((960, 540), 25.0, 1_300_000),
    };
    Pictures::Encoded {
        size,
        frames,
        bits_per_second,
    }
}

/// One layer is sent: the largest.
fn of_options(options: &IngressVideoEncodingOptions) -> Pictures {
    let largest = options
        .layers
        .iter()
        .max_by_key(|layer| u64::from(layer.width) * u64::from(layer.height));
    let size = largest.map_or((0, 0), |layer| (layer.width, layer.height));
    let size = if size == (0, 0) { (1280, 720) } else { size };
    let frames = if options.frame_rate > 0.0 {
        options.frame_rate
    } else {
        30.0
    };
    let bits_per_second = match largest.map_or(0, |layer| layer.bitrate) {
        // What the presets give a pixel.
        0 => (size.0 * size.1).saturating_mul(2).max(300_000),
        bits => bits,
    };
    Pictures::Encoded {
        size,
        frames,
        bits_per_second,
    }
}

/// What becomes of the sound.
pub fn sound(ingress: &IngressInfo) -> Sound {
    let options = ingress.audio.as_ref();
    let (bits_per_second, channels) =
        match options.and_then(|options| options.encoding_options.as_ref()) {
            Some(AudioEncoding::Options(options)) => {
                let channels = if options.channels == 1 { 1 } else { 2 };
                let usual = if channels == 1 { 64_000 } else { 96_000 };
                match options.bitrate {
                    0 => (usual, channels),
                    bits => (bits.max(6_000), channels),
                }
            }
            Some(AudioEncoding::Preset(preset)) => match AudioPreset::try_from(*preset) {
                Ok(AudioPreset::OpusMono64kbs) => (64_000, 1),
                Ok(AudioPreset::OpusStereo96kbps) | Err(_) => (96_000, 2),
            },
            None => (96_000, 2),
        };
    Sound {
        bits_per_second,
        channels,
    }
}

/// How the picture's track is announced.
pub fn picture_label(ingress: &IngressInfo) -> Label {
    let options = ingress.video.as_ref();
    let name = options.map_or_else(String::new, |options| options.name.clone());
    match options.map(IngressVideoOptions::source) {
        Some(source @ TrackSource::ScreenShare) => (name, source),
        _ => (name, TrackSource::Camera),
    }
}

/// How the sound's track is announced.
pub fn sound_label(ingress: &IngressInfo) -> Label {
    let options = ingress.audio.as_ref();
    let name = options.map_or_else(String::new, |options| options.name.clone());
    match options.map(IngressAudioOptions::source) {
        Some(source @ TrackSource::ScreenShareAudio) => (name, source),
        _ => (name, TrackSource::Microphone),
    }
}

#[cfg(test)]
mod tests {
    use livekit_wire::proto::VideoLayer;

    use super::*;

    fn with(encoding: VideoEncoding) -> IngressInfo {
        IngressInfo {
            video: Some(IngressVideoOptions {
                encoding_options: Some(encoding),
                ..IngressVideoOptions::default()
            }),
            ..IngressInfo::default()
        }
    }

    #[test]
    fn presets_options_and_nothing_have_their_numbers() {
        let usual = Pictures::Encoded {
            size: (1280, 720),
            frames: 30.0,
            bits_per_second: 1_900_000,
        };
        assert_eq!(pictures(&IngressInfo::default()), usual);
        let small = VideoPreset::H264540p25fps2Layers.into();
        let Pictures::Encoded { size, frames, .. } = pictures(&with(VideoEncoding::Preset(small)))
        else {
            panic!("it is encoded")
        };
        assert_eq!((size, frames), ((960, 540), 25.0));
        let layer = |width, height, bitrate| VideoLayer {
            width,
            height,
            bitrate,
            ..VideoLayer::default()
        };
        let options = IngressVideoEncodingOptions {
            layers: vec![layer(320, 180, 1), layer(640, 360, 700_000)],
            ..IngressVideoEncodingOptions::default()
        };
        assert_eq!(
            pictures(&with(VideoEncoding::Options(options))),
            Pictures::Encoded {
                size: (640, 360),
                frames: 30.0,
                bits_per_second: 700_000
            }
        );
        let copied = IngressInfo {
            enable_transcoding: Some(false),
            ..IngressInfo::default()
        };
        assert_eq!(pictures(&copied), Pictures::Copied);
        assert_eq!(sound(&copied).channels, 2);
    }

    #[test]
    fn tracks_are_camera_and_microphone_unless_the_ingress_says_otherwise() {
        let plain = IngressInfo::default();
        assert_eq!(picture_label(&plain).1, TrackSource::Camera);
        assert_eq!(sound_label(&plain).1, TrackSource::Microphone);
        let shared = IngressInfo {
            video: Some(IngressVideoOptions {
                name: "slides".to_owned(),
                source: TrackSource::ScreenShare.into(),
                ..IngressVideoOptions::default()
            }),
            ..IngressInfo::default()
        };
        assert_eq!(
            picture_label(&shared),
            ("slides".to_owned(), TrackSource::ScreenShare)
        );
    }
}
