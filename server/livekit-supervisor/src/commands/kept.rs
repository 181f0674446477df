//! What administrators decided about commands, in a file: it holds after a restart, until the configuration says another
//! count.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::AgentCommand;
use crate::keys::{sync_folder, write_private};

const FILE_NAME: &str = "agent-commands.json";

/// What was decided about one command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub name: String,
    /// What the configuration said at that time.
    pub configured: u8,
    pub count: u8,
    pub stopped: bool,
}

impl Kept {
    /// Whether it was decided about this command as it is configured now.
    pub fn is_of(&self, command: &AgentCommand) -> bool {
        self.name == command.name && self.configured == command.count
    }
}

/// The file.
pub struct KeptFile {
    path: PathBuf,
}

impl KeptFile {
    /// The file in this folder, and what is in it; nothing, where it cannot be read.
    pub fn open(data_dir: &Path) -> (KeptFile, Vec<Kept>) {
        let path = data_dir.join(FILE_NAME);
        let kept = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::warn!(path = %path.display(), %error, "what was decided about commands is lost");
                Vec::new()
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "what was decided about commands cannot be read");
                Vec::new()
            }
        };
        (KeptFile { path }, kept)
    }

    /// Keeps what is decided now: a kill leaves the old file or the new one.
    pub fn keep(&self, decided: impl Iterator<Item = Kept>) -> io::Result<()> {
        let decided: Vec<Kept> = decided.collect();
        let text = serde_json::to_string(&decided)?;
        let beside = self.path.with_extension("json.new");
        write_private(&beside, &text)?;
        fs::rename(&beside, &self.path)?;
        sync_folder(&self.path)
    }
}
