//! Packets shaped like a VP8 stream of a given bitrate; the picture inside is noise that nobody decodes.

use std::time::Duration;

const CLOCK_RATE: u32 = 90_000;
const FRAMES_PER_SECOND: u32 = 30;
const PAYLOAD: usize = 1_100;
const DESCRIPTOR: usize = 4;

/// One RTP packet to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VideoPacket {
    pub sequence: u64,
    pub timestamp: u32,
    pub marker: bool,
    pub payload: Vec<u8>,
}

/// Makes one frame after the other.
#[derive(Debug)]
pub(crate) struct SyntheticVideo {
    bytes_per_frame: usize,
    frame: u32,
    sequence: u64,
    keyframe_asked: bool,
}

impl SyntheticVideo {
    /// Time between two frames.
    pub const INTERVAL: Duration = Duration::from_micros(1_000_000 / FRAMES_PER_SECOND as u64);

    pub fn new(bits_per_second: u32) -> Self {
        let bytes_per_frame = (bits_per_second / 8 / FRAMES_PER_SECOND) as usize;
        Self {
            bytes_per_frame,
            frame: 0,
            sequence: 0,
            keyframe_asked: true,
        }
    }

    /// The next frame is a keyframe.
    pub fn ask_for_keyframe(&mut self) {
        self.keyframe_asked = true;
    }

    pub fn next_frame(&mut self) -> Vec<VideoPacket> {
        let keyframe = std::mem::take(&mut self.keyframe_asked);
        let count = self.bytes_per_frame.div_ceil(PAYLOAD).max(1);
        let size = (self.bytes_per_frame / count).max(DESCRIPTOR + 10);
        let timestamp = self.frame.wrapping_mul(CLOCK_RATE / FRAMES_PER_SECOND);
        let packets = (0..count)
            .map(|index| {
                let sequence = self.sequence;
                self.sequence += 1;
                let payload = self.payload(size, index == 0, keyframe);
                VideoPacket {
                    sequence,
                    timestamp,
                    marker: index + 1 == count,
                    payload,
                }
            })
            .collect();
        self.frame = self.frame.wrapping_add(1);
        packets
    }

    /// RFC 7741: X, S bits; I bit with a 15-bit PictureID; then, at a frame's start, the VP8 frame tag.
    fn payload(&self, size: usize, start: bool, keyframe: bool) -> Vec<u8> {
        let mut payload = vec![0x5a; size];
        payload[0] = 0x80 | if start { 0x10 } else { 0 };
        payload[1] = 0x80;
        let [high, low] = ((self.frame & 0x7fff) as u16 | 0x8000).to_be_bytes();
        payload[2] = high;
        payload[3] = low;
        if start {
            payload[4] = u8::from(!keyframe);
            if keyframe {
                payload[7..14].copy_from_slice(&[0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01]);
            }
        }
        payload
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_of_frames_has_the_asked_bitrate() {
        let mut video = SyntheticVideo::new(1_600_000);
        let bytes: usize = (0..30)
            .flat_map(|_| video.next_frame())
            .map(|packet| packet.payload.len())
            .sum();
        assert!((195_000..=205_000).contains(&bytes), "{bytes} bytes");
    }

    #[test]
    fn only_the_first_frame_and_those_asked_for_are_keyframes() {
        let mut video = SyntheticVideo::new(300_000);
        let keyframe = |packets: &[VideoPacket]| packets[0].payload[4] & 1 == 0;
        assert!(keyframe(&video.next_frame()));
        assert!(!keyframe(&video.next_frame()));
        video.ask_for_keyframe();
        assert!(keyframe(&video.next_frame()));
    }

    #[test]
    fn the_marker_stands_on_the_last_packet_of_a_frame() {
        let mut video = SyntheticVideo::new(1_600_000);
        let markers: Vec<bool> = video
            .next_frame()
            .iter()
            .map(|packet| packet.marker)
            .collect();
        assert_eq!(markers.iter().filter(|marker| **marker).count(), 1);
        assert!(markers.last().unwrap());
    }
}
