//! What must outlive the process: a folder per egress with what was asked, how far it is, and webhooks that nobody has taken yet.
//! It must not know how an egress is made.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use livekit_wire::{proto::EgressInfo, secret_file};
use serde::{Deserialize, Serialize};

use crate::{info::Outcome, order::Order, output::FileNames};

const RECORD: &str = "egress.json";
const EVENTS: &str = "events";
/// The folder of finished files, inside an egress's.
pub const OUT: &str = "out";

/// One egress, as its folder says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// What callers are told.
    pub info: EgressInfo,
    /// What was asked.
    pub order: Order,
    /// Zero of the recording's clock, in milliseconds since 1970; `None` before it began.
    pub zero: Option<u64>,
    /// What its files are called.
    pub names: FileNames,
    /// What was made, from when it was.
    pub outcome: Option<Outcome>,
    /// How far it is.
    pub phase: Phase,
    /// Somebody was answered that it ends.
    #[serde(default)]
    pub stop_asked: bool,
}

/// How far an egress is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// In the room, or on the way there.
    Recording,
    /// The files are whole; the film is being made.
    Composing,
    /// All is made; files are on their way to where they were to go.
    Delivering,
    /// Nothing more happens.
    Ended,
}

/// All egresses' folders.
#[derive(Debug, Clone)]
pub struct Journal {
    root: PathBuf,
}

impl Journal {
    /// Opens or makes the folder of all egresses.
    pub fn open(root: PathBuf) -> io::Result<Journal> {
        fs::create_dir_all(&root)?;
        Ok(Journal { root })
    }

    /// Where they are.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// An egress's folder.
    pub fn folder(&self, id: &str) -> PathBuf {
        self.root.join(id)
    }

    /// Writes the egress down; after that it is on the disk, whole.
    pub fn save(&self, record: &Record) -> io::Result<()> {
        let folder = self.folder(&record.info.egress_id);
        fs::create_dir_all(folder.join(OUT))?;
        write_whole(&folder.join(RECORD), &serde_json::to_vec_pretty(record)?)
    }

    /// Reads one; `None` where there is none.
    pub fn load(&self, id: &str) -> io::Result<Option<Record>> {
        match fs::read(self.folder(id).join(RECORD)) {
            Ok(text) => Ok(Some(secret_file::json(&text)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Every egress that can be read; others are logged and left alone.
    pub fn load_all(&self) -> io::Result<Vec<Record>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let name = entry?.file_name();
            let Some(id) = name.to_str().filter(|id| id.starts_with("EG_")) else {
                continue;
            };
            match self.load(id) {
                Ok(Some(record)) => all.push(record),
                Ok(None) => {}
                Err(error) => tracing::error!(%error, egress = id, "an egress cannot be read"),
            }
        }
        all.sort_by_key(|record| record.info.started_at);
        Ok(all)
    }

    /// Removes an egress with all its files.
    pub fn remove(&self, id: &str) -> io::Result<()> {
        match fs::remove_dir_all(self.folder(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Keeps a webhook's body until it is [`Journal::sent`].
    pub fn keep_event(&self, id: &str, body: &[u8]) -> io::Result<()> {
        let folder = self.folder(id).join(EVENTS);
        fs::create_dir_all(&folder)?;
        let last = self.unsent(id)?.pop();
        let number = last
            .and_then(|path| number(&path))
            .map_or(0, |last| last + 1);
        write_whole(&folder.join(format!("{number:06}.json")), body)
    }

    /// Webhooks that nobody has taken yet, the oldest first.
    pub fn unsent(&self, id: &str) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(self.folder(id).join(EVENTS)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut paths: Vec<_> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
            .collect();
        paths.sort();
        Ok(paths)
    }
}

fn number(path: &Path) -> Option<u32> {
    path.file_stem()?.to_str()?.parse().ok()
}

/// Writes a file that is there whole or not at all, whatever happens, and that nobody else reads: it may name keys of buckets.
pub fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&part)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&part, path)?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
pub mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::{
        order::{FileOrder, Outputs},
        record::Selector,
    };

    /// An egress that records.
    pub fn record(id: &str) -> Record {
        Record {
            info: EgressInfo {
                egress_id: id.to_owned(),
                room_name: "r".to_owned(),
                ..EgressInfo::default()
            },
            order: Order {
                room_name: "r".to_owned(),
                selector: Selector::Room {
                    video: true,
                    audio: true,
                },
                layout: String::new(),
                outputs: Outputs {
                    file: Some(FileOrder {
                        filepath: String::new(),
                        manifest: true,
                        bucket: None,
                    }),
                    ..Outputs::default()
                },
                webhooks: Vec::new(),
            },
            zero: Some(7),
            names: FileNames::default(),
            outcome: None,
            phase: Phase::Recording,
            stop_asked: false,
        }
    }

    #[test]
    fn what_was_saved_is_read_again_and_half_of_it_never() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path().join("egress")).unwrap();
        let saved = record("EG_a");
        journal.save(&saved).unwrap();
        let file = fs::metadata(journal.folder("EG_a").join(RECORD)).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
        // A crash in the middle of the next save.
        fs::write(journal.folder("EG_a").join("egress.part"), b"{").unwrap();
        fs::create_dir(journal.folder("EG_b")).unwrap();
        assert_eq!(journal.load_all().unwrap(), [saved]);
        journal.remove("EG_a").unwrap();
        journal.remove("EG_a").unwrap();
        assert_eq!(journal.load("EG_a").unwrap(), None);
    }

    #[test]
    fn webhooks_are_kept_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path().to_owned()).unwrap();
        for body in [b"one", b"two"] {
            journal.keep_event("EG_a", body).unwrap();
        }
        let first = journal.unsent("EG_a").unwrap().remove(0);
        assert_eq!(fs::read(&first).unwrap(), b"one");
        fs::remove_file(first).unwrap();
        journal.keep_event("EG_a", b"six").unwrap();
        let bodies: Vec<_> = journal
            .unsent("EG_a")
            .unwrap()
            .iter()
            .map(|path| fs::read(path).unwrap())
            .collect();
        assert_eq!(bodies, [b"two", b"six"]);
    }
}
