//! A recording as its composers find it: the timeline, and the track files made whole. It must not know what they are wanted for.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{mix::Sound, plan::Footage};
use crate::record::{
    files::{TIMELINE, TRACKS},
    timeline::{self, Entry, Event, Segment},
};
use webm::{Finished, Reader, TrackEntry, TrackKind};

/// A recording that has ended.
pub struct Recording {
    pub timeline: Vec<Entry>,
    /// The files of all tracks.
    pub segments: Vec<Recorded>,
    /// Files that cannot be read, for people.
    pub unreadable: Vec<String>,
}

impl Recording {
    /// Reads and repairs the recording in `folder`, every byte of it: once, however many films are made.
    pub fn open(folder: &Path) -> io::Result<Recording> {
        let timeline = timeline::read(&folder.join(TIMELINE))?;
        let (segments, unreadable) = segments(folder, &timeline)?;
        Ok(Recording {
            timeline,
            segments,
            unreadable,
        })
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

    /// What others call who has this identity.
    pub fn name<'a>(&'a self, identity: &'a str) -> &'a str {
        name_in(&self.timeline, identity)
    }

    /// Where it ends, in milliseconds.
    pub fn ends_at(&self) -> u64 {
        let noted = self.timeline.last().map_or(0, |entry| entry.at);
        let recorded = self.segments.iter();
        let recorded = recorded.map(|recorded| recorded.finished.ends_at);
        recorded.max().unwrap_or(0).max(noted)
    }

    /// What is not in any film, for people.
    pub fn left_out(&self) -> Vec<String> {
        let reasons = self.timeline.iter().filter_map(|entry| match &entry.event {
            Event::LeftOut { reason, .. } => Some(reason.clone()),
            _ => None,
        });
        let mut reasons: Vec<_> = reasons.chain(self.unreadable.iter().cloned()).collect();
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

/// Finishes the files of all tracks, and names those that cannot be read: one bad file must not cost the others their film. Those
/// without a whole frame are left out in silence: a crash came before their first second.
fn segments(folder: &Path, timeline: &[Entry]) -> io::Result<(Vec<Recorded>, Vec<String>)> {
    let (mut all, mut unreadable) = (Vec::new(), Vec::new());
    for entry in timeline {
        let Event::Segment(segment) = &entry.event else {
            continue;
        };
        match finished(&folder.join(TRACKS), segment) {
            Ok(recorded) => all.extend(recorded),
            Err(error) if passes(&error) => return Err(error),
            Err(error) => {
                tracing::warn!(%error, file = segment.file, "a track file is of no use");
                unreadable.push(format!(
                    "{} of {} cannot be read from {} on",
                    segment.source,
                    name_in(timeline, &segment.identity),
                    clock(entry.at)
                ));
            }
        }
    }
    Ok((all, unreadable))
}

fn name_in<'a>(timeline: &'a [Entry], identity: &'a str) -> &'a str {
    let names = timeline::names(timeline);
    names.get(identity).copied().unwrap_or(identity)
}

fn finished(tracks: &Path, segment: &Segment) -> io::Result<Option<Recorded>> {
    let path = tracks.join(&segment.file);
    let Some(finished) = webm::finish(&path)? else {
        return Ok(None);
    };
    let entry = Reader::open(&path)?.tracks().first().cloned();
    let entry = entry.ok_or(io::ErrorKind::InvalidData)?;
    Ok(Some(Recorded {
        segment: segment.clone(),
        path,
        entry,
        finished,
    }))
}

/// Whether it may be better in a while: there is no room, or too much goes on.
fn passes(error: &io::Error) -> bool {
    let too_many_files = matches!(
        error.raw_os_error(),
        Some(nix::libc::EMFILE | nix::libc::ENFILE)
    );
    too_many_files
        || matches!(
            error.kind(),
            io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::OutOfMemory
                | io::ErrorKind::Interrupted
        )
}

/// As people read it: `1:02:03`.
fn clock(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{hours}:{minutes:02}:{seconds:02}")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::record::{
        codec::Codec,
        files::{Files, Placed, TrackFacts},
    };

    fn speak(files: &mut Files, identity: &str, from: u64) {
        let facts = TrackFacts {
            track: format!("TR_{identity}"),
            identity: identity.to_owned(),
            codec: Codec::Opus,
            source: "microphone".to_owned(),
            size: (0, 0),
        };
        for at in (from..from + 2_000).step_by(20) {
            let placed = Placed {
                at,
                keyframe: true,
                contiguous: true,
                frame: vec![0xFC, 0xFF, 0xFE],
            };
            files.write(&facts, &placed).unwrap();
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named_and_costs_no_other_its_film() {
        let spoil: [fn(&Path); 5] = [
            |path| fs::write(path, b"not a film").unwrap(),
            |path| fs::write(path, [0; 5_000]).unwrap(),
            |path| fs::remove_file(path).unwrap(),
            |path| {
                fs::remove_file(path).unwrap();
                fs::create_dir(path).unwrap();
            },
            |path| {
                let mut bytes = fs::read(path).unwrap();
                bytes[..40].fill(0xFF);
                fs::write(path, bytes).unwrap();
            },
        ];
        for spoil in spoil {
            let folder = tempfile::tempdir().unwrap();
            let mut files = Files::open(folder.path()).unwrap();
            speak(&mut files, "ada", 0);
            let (identity, name) = ("bob".to_owned(), "Bob Builder".to_owned());
            files
                .note(3_722_000, Event::Joined { identity, name })
                .unwrap();
            speak(&mut files, "bob", 3_723_000);
            files.end_all(3_726_000).unwrap();
            let whole = Recording::open(folder.path()).unwrap();
            assert_eq!((whole.segments.len(), whole.left_out().len()), (2, 0));
            let bob = whole
                .segments
                .iter()
                .find(|one| one.segment.identity == "bob");
            spoil(&bob.unwrap().path);
            let left = Recording::open(folder.path()).unwrap();
            assert_eq!(left.segments.len(), 1);
            assert_eq!(
                left.left_out(),
                ["microphone of Bob Builder cannot be read from 1:02:03 on"]
            );
        }
    }
}
