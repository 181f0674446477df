//! Mixes all sound of a recording into one: decodes Opus, adds, limits, encodes Opus again, a fiftieth of a second at a time.
//! It must not know who speaks.

use std::{collections::VecDeque, io, path::PathBuf};

use ropus::{Application, Bitrate, Channels, DecodeMode, Decoder, Encoder};

use webm::{Block, Reader, TrackKind};

const RATE: u32 = 48_000;
const SAMPLES_PER_MS: u64 = 48;
/// Of one output frame, per channel.
const FRAME_SAMPLES: usize = 960;
/// How long one output frame is.
pub const FRAME_MS: u64 = 20;
/// The longest packet that Opus allows, per channel.
const LONGEST_PACKET: usize = 5_760;
/// Packets that follow each other are joined without a seam, though their times waver by less than this.
const SEAM_SAMPLES: u64 = 60 * SAMPLES_PER_MS;
/// A voice that is further than this from its time is brought nearer, as slowly as the recording's clock moves.
const LATE_OR_EARLY: i64 = 5 * 48;
/// Samples that a packet of 20 ms becomes longer or shorter by then; nobody hears it.
const STRETCHED_BY: i64 = 5;
/// Packets over which the wavering of their times is smoothed.
const SMOOTHED_OVER: i64 = 50;
const BITS_PER_SECOND_AND_CHANNEL: u32 = 48_000;
const LARGEST_FRAME: usize = 1_500;

/// A file of sound and its stretch of time, in milliseconds.
#[derive(Debug, Clone)]
pub struct Sound {
    pub path: PathBuf,
    pub starts_at: u64,
    pub stereo: bool,
}

/// Why sound cannot be mixed.
#[derive(Debug, thiserror::Error)]
pub enum MixError {
    /// A file.
    #[error("a track file cannot be read: {0}")]
    Read(#[from] io::Error),
    /// The codec.
    #[error("the Opus codec failed: {0}")]
    Codec(String),
}

/// Where a voice's packets come from.
pub trait Packets: Send {
    /// The next packet; `None` when there is none now.
    fn next_packet(&mut self) -> io::Result<Option<Block>>;
    /// Whether there will be none any more.
    fn is_over(&self) -> bool;
}

impl Packets for Reader {
    fn next_packet(&mut self) -> io::Result<Option<Block>> {
        self.next_block()
    }

    fn is_over(&self) -> bool {
        true
    }
}

/// The mix, frame by frame.
pub struct Mix {
    /// Not begun yet, the next one last.
    waiting: Vec<Sound>,
    mixer: Mixer,
    encoder: Encoder,
}

impl Mix {
    pub fn new(mut sounds: Vec<Sound>) -> Result<Mix, MixError> {
        let channels = if sounds.iter().any(|sound| sound.stereo) {
            Channels::Stereo
        } else {
            Channels::Mono
        };
        sounds.sort_by_key(|sound| std::cmp::Reverse(sound.starts_at));
        #[expect(clippy::cast_possible_truncation, reason = "one or two")]
        let count = channels.count() as u32;
        let encoder = Encoder::builder(RATE, channels, Application::Audio)
            .bitrate(Bitrate::Bits(BITS_PER_SECOND_AND_CHANNEL * count))
            .build()
            .map_err(|error| MixError::Codec(error.to_string()))?;
        Ok(Mix {
            waiting: sounds,
            mixer: Mixer::new(channels, 0),
            encoder,
        })
    }

    /// How its file describes the track.
    pub fn kind(&self) -> TrackKind {
        TrackKind::Audio {
            channels: if self.mixer.channels == 2 { 2 } else { 1 },
            delay_ns: u64::from(self.encoder.lookahead()) * 1_000_000_000 / u64::from(RATE),
        }
    }

    /// The next fiftieth of a second, encoded.
    pub fn next_frame(&mut self) -> Result<Vec<u8>, MixError> {
        let end = self.mixer.position + FRAME_SAMPLES as u64;
        while let Some(sound) = self
            .waiting
            .pop_if(|sound| sound.starts_at * SAMPLES_PER_MS < end)
        {
            self.mixer.add(Box::new(Reader::open(&sound.path)?))?;
        }
        let mixed = self.mixer.next_samples()?;
        let mut frame = vec![0; LARGEST_FRAME];
        let length = self
            .encoder
            .encode_float(mixed, &mut frame)
            .map_err(|error| MixError::Codec(error.to_string()))?;
        frame.truncate(length);
        Ok(frame)
    }
}

/// The mix before it is encoded.
pub struct Mixer {
    voices: Vec<Voice>,
    channels: usize,
    /// Samples since the recording began, per channel.
    position: u64,
    mixed: Vec<f32>,
}

impl Mixer {
    /// Begins at `at` milliseconds.
    pub fn new(channels: Channels, at: u64) -> Mixer {
        Mixer {
            voices: Vec::new(),
            channels: channels.count(),
            position: at * SAMPLES_PER_MS,
            mixed: vec![0.0; FRAME_SAMPLES * channels.count()],
        }
    }

    /// One voice more.
    pub fn add(&mut self, packets: Box<dyn Packets>) -> Result<(), MixError> {
        self.voices.push(Voice::open(packets, self.channels)?);
        Ok(())
    }

    /// The next fiftieth of a second, its channels in turn.
    pub fn next_samples(&mut self) -> Result<&[f32], MixError> {
        self.mixed.fill(0.0);
        for voice in &mut self.voices {
            voice.add(self.position, &mut self.mixed)?;
        }
        self.voices.retain(|voice| !voice.ended());
        self.position += FRAME_SAMPLES as u64;
        for sample in &mut self.mixed {
            *sample = limited(*sample);
        }
        Ok(&self.mixed)
    }
}

/// Loud voices together are bent, not cut: unchanged up to a half, never above one.
fn limited(sample: f32) -> f32 {
    const KNEE: f32 = 0.5;
    let loud = sample.abs();
    if loud <= KNEE {
        return sample;
    }
    let over = (loud - KNEE) / (1.0 - KNEE);
    (KNEE + (1.0 - KNEE) * over.tanh()).copysign(sample)
}

/// One file that is heard now.
struct Voice {
    packets: Box<dyn Packets>,
    decoder: Decoder,
    channels: usize,
    /// Decoded, not yet mixed; interleaved.
    samples: VecDeque<f32>,
    /// Where `samples` begin, per channel.
    starts_at: u64,
    /// The next packet, when it is time for it.
    ahead: Option<(u64, Vec<u8>)>,
    decoded: Vec<f32>,
    /// How many samples later its packets should be heard, smoothed.
    behind: i64,
}

impl Voice {
    fn open(mut packets: Box<dyn Packets>, channels: usize) -> Result<Voice, MixError> {
        let as_channels = if channels == 2 {
            Channels::Stereo
        } else {
            Channels::Mono
        };
        let decoder =
            Decoder::new(RATE, as_channels).map_err(|error| MixError::Codec(error.to_string()))?;
        let ahead = next_packet(packets.as_mut())?;
        Ok(Voice {
            packets,
            decoder,
            channels,
            samples: VecDeque::new(),
            starts_at: ahead.as_ref().map_or(0, |(at, _)| *at),
            ahead,
            decoded: vec![0.0; LONGEST_PACKET * channels],
            behind: 0,
        })
    }

    fn ended(&self) -> bool {
        self.ahead.is_none() && self.samples.is_empty() && self.packets.is_over()
    }

    fn end(&self) -> u64 {
        self.starts_at + (self.samples.len() / self.channels) as u64
    }

    /// Adds what belongs to the frame at `position`.
    fn add(&mut self, position: u64, mixed: &mut [f32]) -> Result<(), MixError> {
        let until = position + (mixed.len() / self.channels) as u64;
        if self.ahead.is_none() {
            self.ahead = next_packet(self.packets.as_mut())?;
        }
        while self.end() < until {
            match &self.ahead {
                Some((at, _)) if *at < until + SEAM_SAMPLES => self.decode()?,
                _ => break,
            }
        }
        // What is too late to be heard.
        let late = position.saturating_sub(self.starts_at);
        let late = usize::try_from(late).unwrap_or(usize::MAX);
        let late = late.saturating_mul(self.channels).min(self.samples.len());
        self.samples.drain(..late);
        self.starts_at += (late / self.channels) as u64;
        if self.samples.is_empty() || self.starts_at >= until {
            return Ok(());
        }
        let skip = usize::try_from(self.starts_at - position).unwrap_or(0) * self.channels;
        let count = (mixed.len() - skip).min(self.samples.len());
        for (sum, sample) in mixed[skip..].iter_mut().zip(self.samples.drain(..count)) {
            *sum += sample;
        }
        self.starts_at += (count / self.channels) as u64;
        Ok(())
    }

    fn decode(&mut self) -> Result<(), MixError> {
        let next = next_packet(self.packets.as_mut())?;
        let Some((at, packet)) = std::mem::replace(&mut self.ahead, next) else {
            return Ok(());
        };
        let decoded = self
            .decoder
            .decode_float(&packet, &mut self.decoded, DecodeMode::Normal);
        let Ok(count) = decoded else {
            // A damaged packet is a moment of silence.
            return Ok(());
        };
        let end = self.end();
        self.behind = if at.abs_diff(end) > SEAM_SAMPLES {
            0
        } else {
            self.behind + (at.cast_signed() - end.cast_signed() - self.behind) / SMOOTHED_OVER
        };
        if self.samples.is_empty() && at.abs_diff(end) > SEAM_SAMPLES {
            self.starts_at = at;
        } else if at > end + SEAM_SAMPLES {
            let silence = usize::try_from(at - end).unwrap_or(0) * self.channels;
            self.samples.extend(std::iter::repeat_n(0.0, silence));
        } else if at + SEAM_SAMPLES < end {
            // The file's clock ran ahead of its sound: this packet is left out.
            return Ok(());
        }
        self.append(count);
        Ok(())
    }

    /// Appends so many decoded samples, a few more or fewer where the voice is not where it belongs.
    fn append(&mut self, count: usize) {
        let by = match self.behind {
            behind if behind > LATE_OR_EARLY => STRETCHED_BY,
            behind if behind < -LATE_OR_EARLY => -STRETCHED_BY,
            _ => 0,
        };
        let decoded = &self.decoded[..count * self.channels];
        let (Ok(from), Some(to)) = (u16::try_from(count), stretched(count, by)) else {
            self.samples.extend(decoded);
            return;
        };
        let (last, step) = (from - 1, f32::from(from - 1) / f32::from(to - 1));
        for index in 0..to {
            let place = f32::from(index) * step;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a place among at most 5,760 samples"
            )]
            let before = (place as u16).min(last);
            let part = place - f32::from(before);
            let at = |index: u16, channel| decoded[usize::from(index) * self.channels + channel];
            for channel in 0..self.channels {
                let (one, next) = (at(before, channel), at((before + 1).min(last), channel));
                self.samples.push_back(one + (next - one) * part);
            }
        }
    }
}

/// How many samples become of `count`; `None`: as many, or too few to tell.
fn stretched(count: usize, by: i64) -> Option<u16> {
    let few = 10 * STRETCHED_BY.cast_unsigned();
    if by == 0 || u64::try_from(count).is_ok_and(|count| count < few) {
        return None;
    }
    u16::try_from(i64::try_from(count).ok()? + by).ok()
}

/// Time in samples, and the packet.
fn next_packet(packets: &mut dyn Packets) -> io::Result<Option<(u64, Vec<u8>)>> {
    let block = packets.next_packet()?;
    Ok(block.map(|block| (block.at * SAMPLES_PER_MS, block.frame)))
}

#[cfg(test)]
mod tests {
    use std::{f32::consts::TAU, path::Path};

    use super::*;
    use crate::record::codec::opus_head;
    use webm::{TrackEntry, Writer};

    /// A tone from `starts_at` for `ms` milliseconds.
    fn tone(path: &Path, hertz: f32, starts_at: u64, ms: u64) -> Sound {
        drifting_tone(path, hertz, starts_at, ms, |_| 0)
    }

    /// The same, each packet later than it should be by what `late` says of its number.
    fn drifting_tone(
        path: &Path,
        hertz: f32,
        starts_at: u64,
        ms: u64,
        late: impl Fn(u64) -> u64,
    ) -> Sound {
        let mut encoder = Encoder::builder(RATE, Channels::Mono, Application::Voip)
            .build()
            .unwrap();
        let entry = TrackEntry {
            codec_id: "A_OPUS".to_owned(),
            codec_private: Some(opus_head(1)),
            kind: TrackKind::Audio {
                channels: 1,
                delay_ns: 0,
            },
        };
        let mut writer = Writer::create(path, &[entry]).unwrap();
        let mut phase = 0.0_f32;
        for index in 0..ms / FRAME_MS {
            let wave: Vec<f32> = (0..FRAME_SAMPLES)
                .map(|_| {
                    phase = (phase + hertz * TAU / 48_000.0) % TAU;
                    phase.sin() * 0.3
                })
                .collect();
            let mut packet = vec![0; LARGEST_FRAME];
            let length = encoder.encode_float(&wave, &mut packet).unwrap();
            // Arrival wavers.
            let at = starts_at + index * FRAME_MS + index % 3 + late(index);
            writer.write(1, at, true, &packet[..length]).unwrap();
        }
        writer.sync().unwrap();
        Sound {
            path: path.to_owned(),
            starts_at,
            stereo: false,
        }
    }

    /// How strong a frequency is in the samples, 0 to about 1.
    #[expect(clippy::cast_precision_loss, reason = "a few thousand samples")]
    fn strength(samples: &[f32], hertz: f32) -> f32 {
        let (mut sine, mut cosine) = (0.0, 0.0);
        for (index, sample) in samples.iter().enumerate() {
            let phase = index as f32 * hertz * TAU / 48_000.0;
            sine += sample * phase.sin();
            cosine += sample * phase.cos();
        }
        2.0 * sine.hypot(cosine) / samples.len() as f32
    }

    #[test]
    fn every_voice_is_heard_when_it_spoke_and_only_then() {
        let folder = tempfile::tempdir().unwrap();
        let [low, high] = ["low", "high"].map(|name| folder.path().join(name));
        let sounds = vec![
            tone(&low, 440.0, 0, 2_000),
            tone(&high, 1_200.0, 1_000, 2_000),
        ];
        let mut mix = Mix::new(sounds).unwrap();
        let mut decoder = Decoder::new(RATE, Channels::Mono).unwrap();
        let mut heard = Vec::new();
        for _ in 0..4_000 / FRAME_MS {
            let frame = mix.next_frame().unwrap();
            let mut samples = vec![0.0; LONGEST_PACKET];
            let count = decoder
                .decode_float(&frame, &mut samples, DecodeMode::Normal)
                .unwrap();
            heard.extend_from_slice(&samples[..count]);
        }
        let during = |from: usize, hertz| strength(&heard[from * 48..(from + 500) * 48], hertz);
        for (from, low, high) in [
            (300, true, false),
            (1_300, true, true),
            (2_300, false, true),
            (3_300, false, false),
        ] {
            for (hertz, sounds) in [(440.0, low), (1_200.0, high)] {
                let strength = during(from, hertz);
                assert_eq!(
                    strength > 0.15,
                    sounds,
                    "{hertz} Hz at {from} ms: {strength}"
                );
                assert!(
                    sounds || strength < 0.02,
                    "{hertz} Hz at {from} ms: {strength}"
                );
            }
        }
    }

    #[test]
    fn a_voice_whose_clock_was_set_right_is_heard_at_its_time_again() {
        let folder = tempfile::tempdir().unwrap();
        // In its first second it is found to be 50 ms late; it lasts for 20 s and 50 ms.
        let late = |index: u64| index.min(50);
        let sound = drifting_tone(&folder.path().join("late"), 440.0, 0, 20_000, late);
        let mut mix = Mix::new(vec![sound]).unwrap();
        let ends = |mix: &mut Mix| {
            let voice = mix.mixer.voices.first()?;
            Some(voice.end() / SAMPLES_PER_MS)
        };
        let mut last = 0;
        for _ in 0..20_500 / FRAME_MS {
            mix.next_frame().unwrap();
            last = ends(&mut mix).unwrap_or(last);
        }
        assert!((20_035..=20_060).contains(&last), "{last} ms");
    }

    #[test]
    fn loud_voices_together_stay_within_bounds() {
        for (sample, expected) in [(0.3, 0.3), (-0.5, -0.5)] {
            assert!((limited(sample) - expected).abs() < f32::EPSILON);
        }
        assert!(limited(20.0) <= 1.0 && limited(-20.0) >= -1.0);
        assert!(limited(0.8) > 0.7 && limited(0.8) < limited(0.9));
    }
}
