//! A recording's files while it goes on: a file per track and stretch of time, and the timeline. It must not know where frames
//! come from; what it was given is on the disk after the next `sync`.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    codec::Codec,
    timeline::{Event, Segment, Timeline},
};
use webm::{TrackEntry, Writer};

/// The folder of the track files, inside a recording's.
pub const TRACKS: &str = "tracks";
/// The timeline, inside a recording's folder.
pub const TIMELINE: &str = "timeline.jsonl";

/// What is known of a track that is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackFacts {
    /// Its id.
    pub track: String,
    /// Who published it.
    pub identity: String,
    /// What it is.
    pub codec: Codec,
    /// LiveKit's source, in lower case.
    pub source: String,
    /// The size that its publisher named; zeros where none.
    pub size: (u32, u32),
}

/// One frame, placed on the recording's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Milliseconds since the recording began.
    pub at: u64,
    /// Decoding can begin here.
    pub keyframe: bool,
    /// Whether it follows the one before it without a loss.
    pub contiguous: bool,
    /// The frame.
    pub frame: Vec<u8>,
}

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is in a file.
    Written,
    /// It is of no use without a keyframe before it.
    NeedsKeyframe,
}

/// The files of one recording.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    timeline: Timeline,
    open: HashMap<String, Open>,
}

#[derive(Debug)]
struct Open {
    writer: Writer,
    name: String,
    entry: TrackEntry,
    /// Of the frame before.
    at: Option<u64>,
    /// A frame is missing: what follows cannot be decoded until the next keyframe.
    broken: bool,
}

impl Files {
    /// Opens or makes the recording's folder.
    pub fn open(folder: &Path) -> io::Result<Files> {
        fs::create_dir_all(folder.join(TRACKS))?;
        Ok(Files {
            timeline: Timeline::open(&folder.join(TIMELINE))?,
            folder: folder.to_owned(),
            open: HashMap::new(),
        })
    }

    /// Notes what happened.
    pub fn note(&mut self, at: u64, event: Event) -> io::Result<()> {
        self.timeline.note(at, event)
    }

    /// Takes a frame of `source`.
    pub fn write(&mut self, source: &TrackFacts, placed: &Placed) -> io::Result<Taken> {
        let codec = source.codec;
        let decodable = codec.is_audio() || placed.keyframe;
        if let Some(open) = self.open.get_mut(&source.track) {
            open.broken |= !placed.contiguous && !codec.is_audio();
            if open.broken && !placed.keyframe {
                return Ok(Taken::NeedsKeyframe);
            }
            open.broken = false;
            let private = open.entry.codec_private.as_deref();
            if placed.keyframe && codec.needs_new_file(&placed.frame, private) {
                self.end(&source.track, placed.at)?;
            }
        }
        if !self.open.contains_key(&source.track) {
            let entry = codec.entry(&placed.frame, source.size);
            let Some(entry) = entry.filter(|_| decodable) else {
                return Ok(Taken::NeedsKeyframe);
            };
            self.begin(source, placed.at, entry)?;
        }
        if let Some(open) = self.open.get_mut(&source.track) {
            // Two frames in one millisecond: players want times that grow.
            let at = open.at.map_or(placed.at, |last| placed.at.max(last + 1));
            open.at = Some(at);
            let frame = codec.in_file(&placed.frame);
            open.writer.write(1, at, decodable, &frame)?;
        }
        Ok(Taken::Written)
    }

    /// Nothing more comes of this track; a later one of the same name gets a new file.
    pub fn end(&mut self, track: &str, at: u64) -> io::Result<()> {
        let Some(mut open) = self.open.remove(track) else {
            return Ok(());
        };
        open.writer.sync()?;
        let file = open.name;
        self.timeline.note(at, Event::SegmentEnded { file })
    }

    /// Ends all files.
    pub fn end_all(&mut self, at: u64) -> io::Result<()> {
        let tracks: Vec<_> = self.open.keys().cloned().collect();
        tracks.iter().try_for_each(|track| self.end(track, at))?;
        self.sync()
    }

    /// Brings everything so far onto the disk.
    pub fn sync(&mut self) -> io::Result<()> {
        for open in self.open.values_mut() {
            open.writer.sync()?;
        }
        self.timeline.sync()
    }

    fn begin(&mut self, source: &TrackFacts, at: u64, entry: TrackEntry) -> io::Result<()> {
        let mut number = 0;
        let (name, writer) = loop {
            let name = format!("{}.{number}.webm", source.track);
            let path = self.folder.join(TRACKS).join(&name);
            match Writer::create(&path, std::slice::from_ref(&entry)) {
                Ok(writer) => break (name, writer),
                // From before: the track paused, or the process died.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        };
        self.timeline.note(
            at,
            Event::Segment(Segment {
                file: name.clone(),
                track: source.track.clone(),
                identity: source.identity.clone(),
                codec: source.codec,
                source: source.source.clone(),
            }),
        )?;
        let open = Open {
            writer,
            name,
            entry,
            at: None,
            broken: false,
        };
        self.open.insert(source.track.clone(), open);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::timeline;

    fn camera() -> TrackFacts {
        TrackFacts {
            track: "TR_a".to_owned(),
            identity: "ada".to_owned(),
            codec: Codec::Vp8,
            source: "camera".to_owned(),
            size: (640, 360),
        }
    }

    fn frame(at: u64, keyframe: bool) -> Placed {
        let frame = vec![u8::from(!keyframe), 0, 0, 0x9D, 1, 0x2A, 0x80, 2, 0x68, 1];
        Placed {
            at,
            keyframe,
            contiguous: true,
            frame,
        }
    }

    fn times(path: &Path) -> Vec<u64> {
        let mut reader = webm::Reader::open(path).unwrap();
        std::iter::from_fn(|| reader.next_block().unwrap())
            .map(|block| block.at)
            .collect()
    }

    #[test]
    fn a_file_begins_with_a_keyframe_and_goes_on_after_a_loss_with_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::open(folder.path()).unwrap();
        let mut write = |placed: Placed| files.write(&camera(), &placed).unwrap();
        assert_eq!(write(frame(10, false)), Taken::NeedsKeyframe);
        assert_eq!(write(frame(20, true)), Taken::Written);
        assert_eq!(write(frame(30, false)), Taken::Written);
        let lost = Placed {
            contiguous: false,
            ..frame(50, false)
        };
        assert_eq!(write(lost), Taken::NeedsKeyframe);
        assert_eq!(write(frame(60, false)), Taken::NeedsKeyframe);
        assert_eq!(write(frame(70, true)), Taken::Written);
        files.end_all(80).unwrap();
        assert_eq!(
            times(&folder.path().join("tracks/TR_a.0.webm")),
            [20, 30, 70]
        );
    }

    #[test]
    fn a_track_that_comes_again_gets_a_new_file_also_after_a_crash() {
        let folder = tempfile::tempdir().unwrap();
        for (run, at) in [(0, 0), (1, 1_000), (2, 2_000)] {
            let mut files = Files::open(folder.path()).unwrap();
            files.write(&camera(), &frame(at, true)).unwrap();
            files.sync().unwrap();
            if run == 0 {
                files.end("TR_a", at).unwrap();
                files.sync().unwrap();
            }
        }
        let entries = timeline::read(&folder.path().join(TIMELINE)).unwrap();
        let files: Vec<_> = entries
            .iter()
            .filter_map(|entry| match &entry.event {
                Event::Segment(segment) => Some(segment.file.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(files, ["TR_a.0.webm", "TR_a.1.webm", "TR_a.2.webm"]);
        assert_eq!(times(&folder.path().join("tracks/TR_a.1.webm")), [1_000]);
    }
}
