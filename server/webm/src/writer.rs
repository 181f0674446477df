//! Writes a file cluster by cluster: what was flushed is on the disk whatever happens afterwards.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use super::{
    ebml::{UNKNOWN_SIZE, put_bytes, put_float, put_id, put_master, put_size, put_uint, put_void},
    finish::{DURATION_LENGTH, SEEK_HEAD_LENGTH},
    id,
};

/// One millisecond, in nanoseconds: times in a file are whole milliseconds.
const TIMESTAMP_SCALE: u64 = 1_000_000;
/// A block's time counts from its cluster's, in a signed 16-bit number.
const LONGEST_CLUSTER_MS: u64 = 30_000;
/// Sound has no keyframes; players jump to clusters.
const LONGEST_CLUSTER_OF_SOUND_MS: u64 = 5_000;
const LARGEST_CLUSTER: usize = 4 * 1024 * 1024;
/// Opus decoders need so much before a place that they begin at (RFC 7845, section 4.6).
const OPUS_PRE_ROLL_NS: u64 = 80_000_000;
const OPUS_RATE: f64 = 48_000.0;
const APP: &[u8] = b"Convoke";
/// Planes of Y, U and V, as encoders take them.
pub const RAW_PICTURES: &str = "V_UNCOMPRESSED";
/// One is so long, in nanoseconds, where none is missing.
const RAW_PICTURE_NS: u64 = 33_333_333;
/// Little-endian floats at 48 kHz.
pub const RAW_SOUND: &str = "A_PCM/FLOAT/IEEE";

/// A track as its file describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackEntry {
    /// `V_VP8`, `A_OPUS`, …
    pub codec_id: String,
    /// What a decoder needs before the first frame.
    pub codec_private: Option<Vec<u8>>,
    /// Picture or sound.
    pub kind: TrackKind,
}

/// Picture or sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TrackKind {
    /// Its size in pixels when the file begins.
    Video {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// Opus at 48 kHz.
    Audio {
        /// 1 or 2.
        channels: u8,
        /// What a player leaves out at the start, in nanoseconds.
        delay_ns: u64,
    },
}

/// A file that is being written.
#[derive(Debug)]
pub struct Writer {
    file: File,
    /// Blocks since the last flush.
    cluster: Vec<u8>,
    /// Time of the cluster's first block.
    cluster_at: u64,
    /// Video begins clusters with keyframes, so that a player can jump to them.
    has_video: bool,
}

impl Writer {
    /// Begins a new file with these tracks, numbered from 1; a file that is there is an error.
    pub fn create(path: &Path, tracks: &[TrackEntry]) -> io::Result<Writer> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        let head = head(tracks);
        file.write_all(&head)?;
        file.sync_data()?;
        Ok(Writer {
            file,
            cluster: Vec::new(),
            cluster_at: 0,
            has_video: tracks
                .iter()
                .any(|track| matches!(track.kind, TrackKind::Video { .. })),
        })
    }

    /// Adds a frame of track `number` (from 1) at `at` milliseconds. Frames of one track come in order; those of several
    /// may differ by less than half a minute.
    pub fn write(&mut self, number: u8, at: u64, keyframe: bool, frame: &[u8]) -> io::Result<()> {
        let begins = self.cluster.is_empty();
        let longest = if self.has_video {
            LONGEST_CLUSTER_MS
        } else {
            LONGEST_CLUSTER_OF_SOUND_MS
        };
        let ends = !begins
            && (at.abs_diff(self.cluster_at) > longest
                || self.cluster.len() + frame.len() > LARGEST_CLUSTER
                || self.has_video && keyframe && number == 1);
        if ends {
            self.flush()?;
        }
        if self.cluster.is_empty() {
            self.cluster_at = at;
            put_uint(&mut self.cluster, id::TIMESTAMP, at);
        }
        let relative = at.cast_signed() - self.cluster_at.cast_signed();
        put_block(&mut self.cluster, number, relative, keyframe, frame);
        Ok(())
    }

    /// Hands what came since the last flush to the system, in one write.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.cluster.is_empty() {
            return Ok(());
        }
        let mut out = Vec::with_capacity(self.cluster.len() + 12);
        put_bytes(&mut out, id::CLUSTER, &self.cluster);
        self.cluster.clear();
        self.file.write_all(&out)
    }

    /// [`Writer::flush`], and waits until the disk has it.
    pub fn sync(&mut self) -> io::Result<()> {
        self.flush()?;
        self.file.sync_data()
    }
}

fn put_block(out: &mut Vec<u8>, number: u8, relative: i64, keyframe: bool, frame: &[u8]) {
    // A cluster is no longer than 30,000 ms.
    let relative = i16::try_from(relative).unwrap_or_default();
    put_id(out, id::SIMPLE_BLOCK);
    put_size(out, frame.len() as u64 + 4);
    out.push(0x80 | number);
    out.extend_from_slice(&relative.to_be_bytes());
    out.push(if keyframe { 0x80 } else { 0 });
    out.extend_from_slice(frame);
}

/// A cluster at `at` milliseconds with a frame each of these tracks (numbered from 1) at these times.
pub fn cluster(at: u64, frames: &[(u8, u64, &[u8])]) -> Vec<u8> {
    let length: usize = frames.iter().map(|(_, _, frame)| frame.len() + 16).sum();
    let mut content = Vec::with_capacity(length + 12);
    put_uint(&mut content, id::TIMESTAMP, at);
    for (number, frame_at, frame) in frames {
        let relative = frame_at.cast_signed() - at.cast_signed();
        put_block(&mut content, *number, relative, true, frame);
    }
    let mut out = Vec::with_capacity(content.len() + 12);
    put_bytes(&mut out, id::CLUSTER, &content);
    out
}

/// The head of a file or of a live stream with these tracks, numbered from 1.
pub fn head(tracks: &[TrackEntry]) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    let webm = tracks
        .iter()
        .all(|track| ["V_VP8", "V_VP9", "V_AV1", "A_OPUS"].contains(&track.codec_id.as_str()));
    put_master(&mut out, id::EBML, |out| {
        put_uint(out, id::EBML_VERSION, 1);
        put_uint(out, id::EBML_READ_VERSION, 1);
        put_uint(out, id::EBML_MAX_ID_LENGTH, 4);
        put_uint(out, id::EBML_MAX_SIZE_LENGTH, 8);
        put_bytes(out, id::DOC_TYPE, if webm { b"webm" } else { b"matroska" });
        put_uint(out, id::DOC_TYPE_VERSION, 4);
        put_uint(out, id::DOC_TYPE_READ_VERSION, 2);
    });
    put_id(&mut out, id::SEGMENT);
    out.extend_from_slice(&UNKNOWN_SIZE);
    // Where `finish` says where things are, and how long it is.
    put_void(&mut out, SEEK_HEAD_LENGTH);
    put_master(&mut out, id::INFO, |out| {
        put_uint(out, id::TIMESTAMP_SCALE, TIMESTAMP_SCALE);
        put_bytes(out, id::MUXING_APP, APP);
        put_bytes(out, id::WRITING_APP, APP);
        put_void(out, DURATION_LENGTH);
    });
    put_master(&mut out, id::TRACKS, |out| {
        for (index, track) in (1..).zip(tracks) {
            put_master(out, id::TRACK_ENTRY, |out| put_track(out, index, track));
        }
    });
    out
}

fn put_track(out: &mut Vec<u8>, number: u64, track: &TrackEntry) {
    put_uint(out, id::TRACK_NUMBER, number);
    put_uint(out, id::TRACK_UID, number);
    put_uint(out, id::FLAG_LACING, 0);
    put_bytes(out, id::CODEC_ID, track.codec_id.as_bytes());
    if let Some(private) = &track.codec_private {
        put_bytes(out, id::CODEC_PRIVATE, private);
    }
    match track.kind {
        TrackKind::Video { width, height } => {
            put_uint(out, id::TRACK_TYPE, 1);
            if track.codec_id == RAW_PICTURES {
                put_uint(out, id::DEFAULT_DURATION, RAW_PICTURE_NS);
            }
            put_master(out, id::VIDEO, |out| {
                put_uint(out, id::PIXEL_WIDTH, width.into());
                put_uint(out, id::PIXEL_HEIGHT, height.into());
                if track.codec_id == RAW_PICTURES {
                    put_bytes(out, id::COLOUR_SPACE, b"I420");
                }
            });
        }
        TrackKind::Audio { channels, delay_ns } => {
            put_uint(out, id::TRACK_TYPE, 2);
            if track.codec_id != RAW_SOUND {
                put_uint(out, id::CODEC_DELAY, delay_ns);
                put_uint(out, id::SEEK_PRE_ROLL, OPUS_PRE_ROLL_NS);
            }
            put_master(out, id::AUDIO, |out| {
                put_float(out, id::SAMPLING_FREQUENCY, OPUS_RATE);
                put_uint(out, id::CHANNELS, channels.into());
                if track.codec_id == RAW_SOUND {
                    put_uint(out, id::BIT_DEPTH, 32);
                }
            });
        }
    }
}
