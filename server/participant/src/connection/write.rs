//! Sends frames: str0m cuts them where it takes frames, and they are cut here where it takes packets.

use std::collections::HashMap;

use str0m::{
    media::{Frequency, MediaTime, Mid, Pt, Rid},
    rtp::{ExtensionValues, RtpWrite},
};

use super::{Connection, negotiate::rid};
use crate::{event::Codec, options::Receive};

/// VP8 bytes in a packet.
const VP8_PAYLOAD: usize = 1_100;

/// A frame to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outgoing {
    pub codec: Codec,
    /// Simulcast layer, low to high, of so many.
    pub layer: (u8, u8),
    pub rtp_time: u64,
    /// When `rtp_time` was.
    pub captured: std::time::Instant,
    /// How loud audio is, in dBov: 0 to -127.
    pub loudness: Option<i8>,
    pub data: Vec<u8>,
}

/// LiveKit's names of simulcast layers, low to high.
pub(crate) const fn layer_name(layer: u8) -> &'static str {
    match layer {
        0 => "q",
        1 => "h",
        _ => "f",
    }
}

/// Where each stream that is cut here stands.
#[derive(Debug, Default)]
pub(super) struct Outlets(HashMap<(Mid, Option<Rid>), Outlet>);

#[derive(Debug, Default)]
struct Outlet {
    sequence: u64,
    picture: u16,
}

impl Connection {
    /// Whether frames of the codec can be sent on an m-line; only VP8 and Opus are cut here.
    pub fn can_send(receive: Receive, codec: Codec) -> bool {
        match receive {
            Receive::Frames => true,
            Receive::Count => matches!(codec, Codec::Opus | Codec::Vp8),
        }
    }

    /// Sends a frame on an m-line; before that is negotiated, it is lost.
    pub fn write(&mut self, mid: Mid, frame: &Outgoing) {
        let Some(pt) = self.payload_type(mid, frame.codec) else {
            return;
        };
        let rid = rid(frame.layer.0, frame.layer.1);
        match self.receive {
            Receive::Frames => self.write_frame(mid, rid, pt, frame),
            Receive::Count => self.write_packets(mid, rid, pt, frame),
        }
    }

    fn payload_type(&self, mid: Mid, codec: Codec) -> Option<Pt> {
        let negotiated = self.rtc.media(mid)?.remote_pts();
        self.rtc
            .codec_config()
            .params()
            .iter()
            .find(|params| {
                negotiated.contains(&params.pt())
                    && Codec::from_str0m(params.spec().codec) == Some(codec)
            })
            .map(str0m::format::PayloadParams::pt)
    }

    fn write_frame(&mut self, mid: Mid, rid: Option<Rid>, pt: Pt, frame: &Outgoing) {
        let Some(mut writer) = self.rtc.writer(mid) else {
            return;
        };
        if let Some(rid) = rid {
            writer = writer.rid(rid);
        }
        if let Some(loudness) = frame.loudness {
            writer = writer.audio_level(loudness, loudness > SILENT);
        }
        let Some(rate) = Frequency::new(frame.codec.clock_rate()) else {
            return;
        };
        let time = MediaTime::new(frame.rtp_time, rate);
        if let Err(error) = writer.write(pt, frame.captured, time, frame.data.as_slice()) {
            tracing::debug!(%mid, %error, "frame not sent");
        }
    }

    fn write_packets(&mut self, mid: Mid, rid: Option<Rid>, pt: Pt, frame: &Outgoing) {
        let outlet = self.outlets.0.entry((mid, rid)).or_default();
        let payloads = match frame.codec {
            Codec::Vp8 => vp8_payloads(&frame.data, outlet.picture),
            _ => vec![frame.data.clone()],
        };
        outlet.picture = outlet.picture.wrapping_add(1) & 0x7fff;
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(mid, rid) else {
            return;
        };
        let last = payloads.len();
        for (index, payload) in payloads.into_iter().enumerate() {
            let extensions = ExtensionValues {
                audio_level: frame.loudness,
                voice_activity: frame.loudness.map(|loudness| loudness > SILENT),
                ..ExtensionValues::default()
            };
            #[expect(clippy::cast_possible_truncation, reason = "RTP time wraps")]
            let time = frame.rtp_time as u32;
            let rtp = RtpWrite::new(pt, outlet.sequence.into(), time, frame.captured, payload)
                .marker(frame.codec.is_video() && index + 1 == last)
                .ext_vals(extensions)
                .nackable(frame.codec.is_video());
            outlet.sequence += 1;
            stream.write_rtp(rtp);
        }
    }
}

/// In dBov; what is quieter is no voice.
const SILENT: i8 = -60;

/// RFC 7741: X and S bits, I bit with a 15-bit PictureID.
fn vp8_payloads(frame: &[u8], picture: u16) -> Vec<Vec<u8>> {
    let [high, low] = (picture | 0x8000).to_be_bytes();
    frame
        .chunks(VP8_PAYLOAD)
        .enumerate()
        .map(|(index, chunk)| {
            let mut payload = vec![if index == 0 { 0x90 } else { 0x80 }, 0x80, high, low];
            payload.extend(chunk);
            payload
        })
        .collect()
}
