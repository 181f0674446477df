//! The track files of a recording, made whole. It must not know what they are wanted for.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{mix::Sound, plan::Footage};
use crate::{
    record::{
        files::TRACKS,
        timeline::{Entry, Event, Segment},
    },
    webm::{self, Finished, Reader, TrackEntry, TrackKind},
};

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
pub fn segments(folder: &Path, timeline: &[Entry]) -> io::Result<Vec<Recorded>> {
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
