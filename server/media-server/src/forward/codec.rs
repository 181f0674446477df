//! The codecs the server forwards, under their MIME names; it knows nothing of payload types.

/// A codec that can be forwarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Codec {
    /// Opus audio.
    Opus,
    /// Opus with RFC 2198 redundancy.
    Red,
    /// G.711 µ-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
    /// VP8 video.
    Vp8,
    /// H.264 video.
    H264,
    /// VP9 video.
    Vp9,
    /// AV1 video.
    Av1,
    /// H.265 video.
    H265,
}

impl Codec {
    /// Reads a MIME type such as `video/VP8`, in any case; `None` when the codec is not forwarded.
    pub fn from_mime(mime: &str) -> Option<Self> {
        const ALL: [Codec; 9] = [
            Codec::Opus,
            Codec::Red,
            Codec::Pcmu,
            Codec::Pcma,
            Codec::Vp8,
            Codec::H264,
            Codec::Vp9,
            Codec::Av1,
            Codec::H265,
        ];
        ALL.into_iter()
            .find(|codec| codec.mime().eq_ignore_ascii_case(mime))
    }

    /// The MIME type as LiveKit writes it in `TrackInfo.mime_type`.
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Opus => "audio/opus",
            Self::Red => "audio/red",
            Self::Pcmu => "audio/PCMU",
            Self::Pcma => "audio/PCMA",
            Self::Vp8 => "video/VP8",
            Self::H264 => "video/H264",
            Self::Vp9 => "video/VP9",
            Self::Av1 => "video/AV1",
            Self::H265 => "video/H265",
        }
    }

    /// RTP clock rate, in Hz.
    pub const fn clock_rate(self) -> u32 {
        match self {
            Self::Opus | Self::Red => 48_000,
            Self::Pcmu | Self::Pcma => 8_000,
            Self::Vp8 | Self::H264 | Self::Vp9 | Self::Av1 | Self::H265 => 90_000,
        }
    }

    /// Whether the codec carries video.
    pub const fn is_video(self) -> bool {
        !self.is_audio()
    }

    /// Whether the codec carries audio.
    pub const fn is_audio(self) -> bool {
        matches!(self, Self::Opus | Self::Red | Self::Pcmu | Self::Pcma)
    }
}

#[cfg(test)]
mod tests {
    use super::Codec;

    #[test]
    fn mime_types_are_read_in_any_case() {
        assert_eq!(Codec::from_mime("video/vp8"), Some(Codec::Vp8));
        assert_eq!(Codec::from_mime("AUDIO/OPUS"), Some(Codec::Opus));
        assert_eq!(Codec::from_mime("audio/red"), Some(Codec::Red));
        assert_eq!(Codec::from_mime("video/rtx"), None);
    }
}
