//! VP8 of a given bitrate at hardly any cost: one plain picture that every decoder takes, filled up with bytes that none reads.

use std::time::Duration;

const CLOCK_RATE: u32 = 90_000;
const FRAMES_PER_SECOND: u32 = 30;
/// Width and height of the best layer.
pub(crate) const SIZE: (u32, u32) = (1280, 720);

/// Makes one picture after the other, each in all layers.
#[derive(Debug)]
pub(crate) struct SyntheticVideo {
    bits_per_second: u32,
    frame: u32,
    /// Layers that need a keyframe, low to high.
    keyframes: Vec<bool>,
}

impl SyntheticVideo {
    /// Time between two frames.
    pub const INTERVAL: Duration = Duration::from_micros(1_000_000 / FRAMES_PER_SECOND as u64);

    pub fn new(bits_per_second: u32, layers: u8) -> Self {
        Self {
            bits_per_second,
            frame: 0,
            keyframes: vec![true; layers.into()],
        }
    }

    /// The next frame of a layer is a keyframe; of all layers where none is named.
    pub fn ask_for_keyframe(&mut self, layer: Option<u8>) {
        for (index, keyframe) in self.keyframes.iter_mut().enumerate() {
            *keyframe |= layer.is_none_or(|layer| usize::from(layer) == index);
        }
    }

    /// RTP time and the frames of the next picture, low to high.
    pub fn next_picture(&mut self) -> (u64, Vec<Vec<u8>>) {
        let rtp_time = u64::from(self.frame) * u64::from(CLOCK_RATE / FRAMES_PER_SECOND);
        let layers = self.keyframes.len();
        let frames = (0..layers)
            .map(|layer| {
                let share = bitrate_share(layers - 1 - layer);
                let bytes = (self.bits_per_second / share / 8 / FRAMES_PER_SECOND) as usize;
                let keyframe = std::mem::take(&mut self.keyframes[layer]);
                picture(bytes, keyframe, layers - 1 - layer)
            })
            .collect();
        self.frame = self.frame.wrapping_add(1);
        (rtp_time, frames)
    }
}

/// What a layer so far below the best one is of its bitrate, as browsers share it out.
pub(crate) const fn bitrate_share(below: usize) -> u32 {
    match below {
        0 => 1,
        1 => 4,
        _ => 12,
    }
}

/// Made by libvpx of one colour: a keyframe, and a frame that changes nothing and may follow any number of times.
struct Picture {
    key: &'static [u8],
    next: &'static [u8],
}

/// The best layer's and those below it.
const PICTURES: [Picture; 3] = [
    Picture {
        key: include_bytes!("synthetic/1280x720.key.vp8"),
        next: include_bytes!("synthetic/1280x720.next.vp8"),
    },
    Picture {
        key: include_bytes!("synthetic/640x360.key.vp8"),
        next: include_bytes!("synthetic/640x360.next.vp8"),
    },
    Picture {
        key: include_bytes!("synthetic/320x180.key.vp8"),
        next: include_bytes!("synthetic/320x180.next.vp8"),
    },
];

/// What follows a VP8 frame's last partition is not looked at.
fn picture(bytes: usize, keyframe: bool, below: usize) -> Vec<u8> {
    let picture = &PICTURES[below.min(PICTURES.len() - 1)];
    let mut data = if keyframe { picture.key } else { picture.next }.to_vec();
    data.resize(bytes.max(data.len()), 0x5a);
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_of_the_best_layer_has_the_asked_bitrate() {
        let mut video = SyntheticVideo::new(1_600_000, 3);
        let bytes: usize = (0..30).map(|_| video.next_picture().1[2].len()).sum();
        assert!((195_000..=205_000).contains(&bytes), "{bytes} bytes");
    }

    #[test]
    fn only_the_first_frame_and_those_asked_for_are_keyframes() {
        let mut video = SyntheticVideo::new(300_000, 2);
        let keyframes = |video: &mut SyntheticVideo| -> Vec<bool> {
            let (_, frames) = video.next_picture();
            frames.iter().map(|frame| frame[0] & 1 == 0).collect()
        };
        assert_eq!(keyframes(&mut video), [true, true]);
        assert_eq!(keyframes(&mut video), [false, false]);
        video.ask_for_keyframe(Some(1));
        assert_eq!(keyframes(&mut video), [false, true]);
        video.ask_for_keyframe(None);
        assert_eq!(keyframes(&mut video), [true, true]);
    }
}
