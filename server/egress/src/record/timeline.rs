//! What happened during a recording, a line each, on the disk within a second: enough to make a film of the track files.
//! It must not know how.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::codec::Codec;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Milliseconds since the recording began.
    pub at: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Recording begins, or goes on after a crash.
    Began,
    /// Somebody is in the room.
    Joined {
        /// Who.
        identity: String,
        /// As others see it.
        name: String,
    },
    /// Somebody is gone.
    Left {
        /// Who.
        identity: String,
    },
    /// A track goes into a file of its own.
    Segment(Segment),
    /// Nothing more goes into the file.
    SegmentEnded {
        /// Its name.
        file: String,
    },
    /// A track is muted, or is heard and seen again.
    Muted {
        /// Its id.
        track: String,
        /// Whether.
        muted: bool,
    },
    /// Who speaks now, the loudest first.
    Speakers {
        /// Who.
        identities: Vec<String>,
    },
    /// How the film is laid out from now on.
    Layout {
        /// LiveKit's word.
        layout: String,
    },
    /// Something is left out of the recording.
    LeftOut {
        /// The track's id.
        track: String,
        /// Why, for people.
        reason: String,
    },
    /// Recording ends.
    Ended,
}

/// One file of one track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Its name in the folder of tracks.
    pub file: String,
    /// The track's id.
    pub track: String,
    /// Who published it.
    pub identity: String,
    /// What it is.
    pub codec: Codec,
    /// LiveKit's source, in lower case: `camera`, `microphone`, `screen_share`, …
    pub source: String,
}

/// What others called each person last; who had no name is called by the identity.
pub fn names(timeline: &[Entry]) -> BTreeMap<&str, &str> {
    let joined = timeline.iter().filter_map(|entry| match &entry.event {
        Event::Joined { identity, name } if name.trim().is_empty() => {
            Some((identity.as_str(), identity.as_str()))
        }
        Event::Joined { identity, name } => Some((identity.as_str(), name.as_str())),
        _ => None,
    });
    joined.collect()
}

/// The timeline of a recording that goes on.
#[derive(Debug)]
pub struct Timeline {
    file: File,
    pending: Vec<u8>,
}

impl Timeline {
    /// Opens or begins the file; a line that a crash tore is cut off.
    pub fn open(path: &Path) -> io::Result<Timeline> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let whole = match fs::read(path)?.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => last as u64 + 1,
            None => 0,
        };
        file.set_len(whole)?;
        Ok(Timeline {
            file,
            pending: Vec::new(),
        })
    }

    /// Notes what happened `at` milliseconds.
    pub fn note(&mut self, at: u64, event: Event) -> io::Result<()> {
        serde_json::to_writer(&mut self.pending, &Entry { at, event })?;
        self.pending.push(b'\n');
        Ok(())
    }

    /// Brings what was noted onto the disk.
    pub fn sync(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.file.write_all(&self.pending)?;
        self.pending.clear();
        self.file.sync_data()
    }
}

/// Reads a timeline; lines that are torn or of a newer version are left out.
pub fn read(path: &Path) -> io::Result<Vec<Entry>> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let lines = text.split(|byte| *byte == b'\n');
    Ok(lines
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect())
}

/// A timeline that is read while it is written.
#[derive(Debug)]
pub struct Follow {
    file: File,
    /// The beginning of a line whose end is not there yet.
    torn: Vec<u8>,
}

impl Follow {
    /// Begins with the first line.
    pub fn open(path: &Path) -> io::Result<Follow> {
        Ok(Follow {
            file: File::open(path)?,
            torn: Vec::new(),
        })
    }

    /// What has been written since the last call.
    pub fn more(&mut self) -> io::Result<Vec<Entry>> {
        self.file.read_to_end(&mut self.torn)?;
        let whole = self.torn.iter().rposition(|byte| *byte == b'\n');
        let rest = self.torn.split_off(whole.map_or(0, |last| last + 1));
        let lines = std::mem::replace(&mut self.torn, rest);
        let lines = lines.split(|byte| *byte == b'\n');
        Ok(lines
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_called_as_last_and_by_the_identity_without_a_name() {
        let joined = |identity: &str, name: &str| Entry {
            at: 0,
            event: Event::Joined {
                identity: identity.to_owned(),
                name: name.to_owned(),
            },
        };
        let timeline = [
            joined("u-1", " "),
            joined("u-2", "Ana"),
            joined("u-2", "Bea"),
        ];
        let expected = [("u-1", "u-1"), ("u-2", "Bea")];
        assert_eq!(Vec::from_iter(names(&timeline)), expected);
    }

    #[test]
    fn a_torn_line_is_cut_off_and_the_rest_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("timeline.jsonl");
        let mut timeline = Timeline::open(&path).unwrap();
        timeline.note(0, Event::Began).unwrap();
        let identities = vec!["ada".to_owned()];
        let speaks = Event::Speakers { identities };
        timeline.note(1_200, speaks.clone()).unwrap();
        timeline.sync().unwrap();
        drop(timeline);
        let mut torn = fs::read(&path).unwrap();
        torn.extend_from_slice(br#"{"at":1500,"event":"en"#);
        fs::write(&path, torn).unwrap();
        let mut timeline = Timeline::open(&path).unwrap();
        timeline.note(2_000, Event::Ended).unwrap();
        timeline.sync().unwrap();
        let events: Vec<_> = read(&path).unwrap();
        let entry = |at, event| Entry { at, event };
        assert_eq!(
            events,
            [
                entry(0, Event::Began),
                entry(1_200, speaks),
                entry(2_000, Event::Ended)
            ]
        );
    }
    #[test]
    fn a_timeline_is_read_while_it_is_written_a_whole_line_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("timeline.jsonl");
        let mut timeline = Timeline::open(&path).unwrap();
        let mut follow = Follow::open(&path).unwrap();
        assert_eq!(follow.more().unwrap(), []);
        timeline.note(0, Event::Began).unwrap();
        timeline.sync().unwrap();
        timeline.note(7, Event::Ended).unwrap();
        let line = std::mem::take(&mut timeline.pending);
        timeline.pending = line[..9].to_vec();
        timeline.sync().unwrap();
        let at = |entries: Vec<Entry>| entries.iter().map(|entry| entry.at).collect::<Vec<_>>();
        assert_eq!(at(follow.more().unwrap()), [0]);
        timeline.pending = line[9..].to_vec();
        timeline.sync().unwrap();
        assert_eq!(at(follow.more().unwrap()), [7]);
        assert_eq!(follow.more().unwrap(), []);
    }
}
