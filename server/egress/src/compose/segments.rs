//! A recording as its composers find it: the timeline, and the track files made whole. It must not know what they are wanted for.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{mix::Sound, plan::Footage};
use crate::{
    record::{
        files::{TIMELINE, TRACKS},
        timeline::{self, Entry, Event, Segment},
    },
    webm::{self, Finished, Reader, TrackEntry, TrackKind},
};

/// A recording that has ended.
pub struct Recording {
    pub timeline: Vec<Entry>,
    /// The files of all tracks.
    pub segments: Vec<Recorded>,
}

impl Recording {
    /// Reads and repairs the recording in `folder`, every byte of it: once, however many films are made.
    pub fn open(folder: &Path) -> io::Result<Recording> {
        let timeline = timeline::read(&folder.join(TIMELINE))?;
        let segments = segments(folder, &timeline)?;
        Ok(Recording { timeline, segments })
    }

    /// Files of pictures.
    pub fn pictures(&self) -> impl Iterator<Item = &Recorded> {
        self.segments
            .iter()
            .filter(|recorded| !recorded.segment.codec.is_audio())
    }

    /// Files of sound.
    pub fn sounds(&self) -> impl Iterator<Item = &Recorded> {
        self.segments
            .iter()
            .filter(|recorded| recorded.segment.codec.is_audio())
    }

    /// Where it ends, in milliseconds.
    pub fn ends_at(&self) -> u64 {
        let noted = self.timeline.last().map_or(0, |entry| entry.at);
        let recorded = self.segments.iter();
        let recorded = recorded.map(|recorded| recorded.finished.ends_at);
        recorded.max().unwrap_or(0).max(noted)
    }

    /// What the recorder left out, for people.
    pub fn left_out(&self) -> Vec<String> {
        let reasons = self.timeline.iter().filter_map(|entry| match &entry.event {
            Event::LeftOut { reason, .. } => Some(reason.clone()),
            _ => None,
        });
        let mut reasons: Vec<_> = reasons.collect();
        reasons.sort();
        reasons.dedup();
        reasons
    }
}

/// A finished track file.
pub struct Recorded {
    pub segment: Segment,
    pub path: PathBuf,
    pub entry: TrackEntry,
    pub finished: Finished,
}

impl Recorded {
    pub fn footage(&self) -> Footage {
        Footage {
            track: self.segment.track.clone(),
            identity: self.segment.identity.clone(),
            is_screen: self.segment.source == "screen_share",
            starts_at: self.finished.starts_at,
            ends_at: self.finished.ends_at,
        }
    }

    pub fn sound(&self) -> Sound {
        Sound {
            path: self.path.clone(),
            starts_at: self.finished.starts_at,
            stereo: matches!(self.entry.kind, TrackKind::Audio { channels: 2, .. }),
        }
    }

    pub fn lasts(&self) -> u64 {
        self.finished.ends_at - self.finished.starts_at
    }
}

/// Finishes the files of all tracks. Those without a whole frame are left out: a crash came before their first second.
fn segments(folder: &Path, timeline: &[Entry]) -> io::Result<Vec<Recorded>> {
    let mut all = Vec::new();
    for entry in timeline {
        let Event::Segment(segment) = &entry.event else {
            continue;
        };
        let path = folder.join(TRACKS).join(&segment.file);
        let finished = match webm::finish(&path) {
            Ok(Some(finished)) => finished,
            Ok(None) => continue,
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::InvalidData
                ) =>
            {
                tracing::warn!(%error, file = segment.file, "a track file is of no use");
                continue;
            }
            Err(error) => return Err(error),
        };
        let Some(entry) = Reader::open(&path)?.tracks().first().cloned() else {
            continue;
        };
        all.push(Recorded {
            segment: segment.clone(),
            path,
            entry,
            finished,
        });
    }
    Ok(all)
}
