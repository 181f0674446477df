//! Finishes a file: cuts a torn tail, writes the index and the duration. Finishing is the repair: it may run on a file that
//! a crash left, and any number of times, with the same result.

use std::{
    fs::OpenOptions,
    io::{self, Seek, SeekFrom, Write},
    path::Path,
};

use super::{
    Reader, TrackKind,
    ebml::{put_bytes, put_float, put_id, put_long_size, put_long_uint, put_master, put_uint},
    id,
    reader::{Cluster, HeadPlaces, blocks},
};

/// Three entries of 21 bytes and a head of 5: see [`seek_head`].
pub(super) const SEEK_HEAD_LENGTH: usize = 5 + 3 * 21;
/// Two bytes of id, one of size, eight of the float.
pub(super) const DURATION_LENGTH: usize = 11;
/// Sound alone has no keyframes: a place to jump to so often.
const CUE_EVERY_MS: u64 = 5_000;
/// How long the last frame is seen or heard.
const LAST_VIDEO_MS: u64 = 33;
const LAST_AUDIO_MS: u64 = 20;

/// What a finished file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished {
    /// Bytes.
    pub size: u64,
    /// Time of the first frame, in milliseconds.
    pub starts_at: u64,
    /// Where the last frame ends, in milliseconds.
    pub ends_at: u64,
    /// How many frames there are.
    pub frames: u64,
}

struct Cue {
    at: u64,
    number: u8,
    position: u64,
}

/// Finishes the file; `None` where it has no whole frame. A file without a whole head is an error of kind `InvalidData`.
pub fn finish(path: &Path) -> io::Result<Option<Finished>> {
    let places = Places::find(path)?;
    let Some(mut finished) = places.frames else {
        return Ok(None);
    };
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.set_len(places.end)?;
    let cues = cues(&places.cues);
    file.seek(SeekFrom::Start(places.end))?;
    file.write_all(&cues)?;
    finished.size = places.end + cues.len() as u64;

    let segment = places.head.segment_content;
    let mut size = Vec::new();
    put_long_size(&mut size, finished.size - segment);
    file.seek(SeekFrom::Start(segment - size.len() as u64))?;
    file.write_all(&size)?;
    let head = seek_head([
        (id::INFO, places.head.info - segment),
        (id::TRACKS, places.head.tracks - segment),
        (id::CUES, places.end - segment),
    ]);
    // It stands first in the segment.
    file.write_all(&head)?;
    let mut duration = Vec::with_capacity(DURATION_LENGTH);
    #[expect(clippy::cast_precision_loss, reason = "2^53 ms are long enough")]
    put_float(&mut duration, id::DURATION, finished.ends_at as f64);
    // It stands last in the Info.
    file.seek(SeekFrom::Start(places.head.tracks - DURATION_LENGTH as u64))?;
    file.write_all(&duration)?;
    file.sync_all()?;
    Ok(Some(finished))
}

struct Places {
    head: HeadPlaces,
    /// Behind the last whole cluster.
    end: u64,
    frames: Option<Finished>,
    cues: Vec<Cue>,
}

impl Places {
    fn find(path: &Path) -> io::Result<Places> {
        let mut reader = Reader::open(path)?;
        let mut places = Places {
            head: reader.places(),
            end: reader.places().end,
            frames: None,
            cues: Vec::new(),
        };
        let kinds: Vec<bool> = reader
            .tracks()
            .iter()
            .map(|track| matches!(track.kind, TrackKind::Video { .. }))
            .collect();
        while let Some(cluster) = reader.next_cluster()? {
            places.end = cluster.position + cluster.length;
            places.count(&cluster, &kinds);
        }
        Ok(places)
    }

    fn count(&mut self, cluster: &Cluster, is_video: &[bool]) {
        let mut first = true;
        for block in blocks(&cluster.content) {
            let video = is_video.get(usize::from(block.number).wrapping_sub(1)) == Some(&true);
            let ends_at = block.at + if video { LAST_VIDEO_MS } else { LAST_AUDIO_MS };
            let finished = self.frames.get_or_insert(Finished {
                size: 0,
                starts_at: block.at,
                ends_at,
                frames: 0,
            });
            finished.frames += 1;
            finished.starts_at = finished.starts_at.min(block.at);
            finished.ends_at = finished.ends_at.max(ends_at);
            if std::mem::take(&mut first) && self.is_a_place(&block, is_video) {
                self.cues.push(Cue {
                    at: block.at,
                    number: block.number,
                    position: cluster.position - self.head.segment_content,
                });
            }
        }
    }

    fn is_a_place(&self, block: &super::Block, is_video: &[bool]) -> bool {
        if is_video.contains(&true) {
            return block.keyframe && is_video.get(usize::from(block.number) - 1) == Some(&true);
        }
        let last = self.cues.last();
        last.is_none_or(|last| block.at >= last.at + CUE_EVERY_MS)
    }
}

fn seek_head(entries: [(u32, u64); 3]) -> Vec<u8> {
    let mut out = Vec::with_capacity(SEEK_HEAD_LENGTH);
    put_master(&mut out, id::SEEK_HEAD, |out| {
        for (element, position) in entries {
            put_master(out, id::SEEK, |out| {
                let mut id = Vec::new();
                put_id(&mut id, element);
                put_bytes(out, id::SEEK_ID, &id);
                put_long_uint(out, id::SEEK_POSITION, position);
            });
        }
    });
    out
}

fn cues(cues: &[Cue]) -> Vec<u8> {
    let mut out = Vec::new();
    put_master(&mut out, id::CUES, |out| {
        for cue in cues {
            put_master(out, id::CUE_POINT, |out| {
                put_uint(out, id::CUE_TIME, cue.at);
                put_master(out, id::CUE_TRACK_POSITIONS, |out| {
                    put_uint(out, id::CUE_TRACK, cue.number.into());
                    put_uint(out, id::CUE_CLUSTER_POSITION, cue.position);
                });
            });
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;
    use crate::{TrackEntry, Writer};

    fn tracks() -> Vec<TrackEntry> {
        vec![
            TrackEntry {
                codec_id: "V_VP8".to_owned(),
                codec_private: None,
                kind: TrackKind::Video {
                    width: 640,
                    height: 360,
                },
            },
            TrackEntry {
                codec_id: "A_OPUS".to_owned(),
                codec_private: Some(b"OpusHead".to_vec()),
                kind: TrackKind::Audio {
                    channels: 1,
                    delay_ns: 6_500_000,
                },
            },
        ]
    }

    /// A minute of frames, flushed every second.
    fn film(folder: &Path) -> std::path::PathBuf {
        let path = folder.join("film.webm");
        let mut writer = Writer::create(&path, &tracks()).unwrap();
        for at in (0..60_000).step_by(20) {
            writer.write(2, at, true, &[7; 80]).unwrap();
            if at % 40 == 0 {
                let frame = vec![u8::try_from(at % 251).unwrap(); 900];
                writer.write(1, at, at % 10_000 == 0, &frame).unwrap();
            }
            if at % 1_000 == 980 {
                writer.sync().unwrap();
            }
        }
        writer.sync().unwrap();
        path
    }

    fn read(path: &Path) -> Vec<crate::Block> {
        let mut reader = Reader::open(path).unwrap();
        std::iter::from_fn(|| reader.next_block().unwrap()).collect()
    }

    #[test]
    fn a_file_says_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = film(folder.path());
        let finished = finish(&path).unwrap().unwrap();
        assert_eq!(finished.frames, 3_000 + 1_500);
        assert_eq!((finished.starts_at, finished.ends_at), (0, 60_000));
        assert_eq!(finished.size, fs::metadata(&path).unwrap().len());
        let read_back = Reader::open(&path).unwrap();
        assert_eq!(read_back.tracks(), tracks());
        let blocks = read(&path);
        assert_eq!(blocks.len(), 4_500);
        assert!(
            blocks
                .iter()
                .filter(|block| block.number == 1 && block.keyframe)
                .count()
                == 6
        );
    }

    #[test]
    fn finishing_twice_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = film(folder.path());
        finish(&path).unwrap();
        let once = fs::read(&path).unwrap();
        finish(&path).unwrap();
        assert!(once == fs::read(&path).unwrap());
    }

    #[test]
    fn a_file_without_frames_is_no_film() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("empty.webm");
        Writer::create(&path, &tracks()).unwrap();
        assert_eq!(finish(&path).unwrap(), None);
        fs::write(&path, [0x1A, 0x45]).unwrap();
        assert_eq!(
            finish(&path).unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn a_file_torn_anywhere_keeps_every_whole_cluster(cut in 0.0f64..1.0) {
            let folder = tempfile::tempdir().unwrap();
            let path = film(folder.path());
            let whole = read(&path);
            let bytes = fs::read(&path).unwrap();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a file")]
            let length = (bytes.len() as f64 * cut) as usize;
            fs::write(&path, &bytes[..length]).unwrap();
            let Ok(finished) = finish(&path) else {
                prop_assert!(length < 1_000, "only the head can be beyond repair");
                return Ok(());
            };
            let kept = finished.map_or(0, |finished| finished.frames);
            prop_assert_eq!(&read(&path)[..], &whole[..usize::try_from(kept).unwrap()]);
            // A cluster is at most 40 kB here, and the heads between frames are no longer than so.
            let mut end = 2_000;
            let safe = whole.iter().take_while(|block| {
                end += block.frame.len() + 12;
                end + 40_000 < length
            });
            prop_assert!(kept >= safe.count() as u64);
        }
    }
}
