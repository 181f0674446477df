//! The last lines of the log, in memory: the site's own warnings, and whatever its children say. It must not know how lines
//! come to it.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;

/// Lines of the site, and as many of its children.
const KEPT: usize = 500;
/// In bytes; the rest of a longer line is left out.
const LONGEST: usize = 4 * 1024;
/// What the supervisor calls what its children say.
const CHILDREN: [&str; 2] = ["livekit", "egress"];

/// How much a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Something failed.
    Error,
    /// Something looks wrong.
    Warn,
    /// Something happened.
    Info,
    /// For those who look for a fault.
    Debug,
    /// Everything.
    Trace,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogLine {
    /// When it was said.
    pub at: Timestamp,
    /// How bad it is.
    pub level: LogLevel,
    /// Which part of the program says it; `livekit` and `egress` are the children.
    pub target: String,
    /// What happened.
    pub message: String,
    /// What else it says, as `name=value` with blanks between.
    pub fields: String,
}

#[derive(Debug, Default)]
struct Lines {
    site: VecDeque<LogLine>,
    children: VecDeque<LogLine>,
}

/// The last lines; clones share them.
#[derive(Debug, Clone, Default)]
pub struct KeptLog(Arc<Mutex<Lines>>);

impl KeptLog {
    /// Whether a line of this kind is kept: of the site what is wrong, of its children everything.
    pub fn wants(target: &str, level: LogLevel) -> bool {
        level <= LogLevel::Warn || CHILDREN.contains(&target)
    }

    /// Keeps a line, and forgets the oldest.
    pub fn keep(&self, mut line: LogLine) {
        shorten(&mut line.message);
        shorten(&mut line.fields);
        let mut lines = self.0.lock();
        let lines = if CHILDREN.contains(&line.target.as_str()) {
            &mut lines.children
        } else {
            &mut lines.site
        };
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    /// All of them, the newest first.
    pub fn lines(&self) -> Vec<LogLine> {
        let kept = self.0.lock();
        let mut all: Vec<LogLine> = kept.site.iter().chain(&kept.children).cloned().collect();
        drop(kept);
        // Those of one moment as well: sorting keeps their order.
        all.reverse();
        all.sort_by_key(|line| std::cmp::Reverse(line.at));
        all
    }
}

fn shorten(text: &mut String) {
    text.truncate(text.floor_char_boundary(LONGEST));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(target: &str, at: i64) -> LogLine {
        LogLine {
            at: Timestamp(at),
            level: LogLevel::Warn,
            target: target.to_owned(),
            message: "é".repeat(LONGEST),
            fields: String::new(),
        }
    }

    #[test]
    fn a_child_that_talks_much_drives_no_warning_of_the_site_away() {
        let log = KeptLog::default();
        log.keep(line("convoke", 0));
        for at in 1..=1000 {
            log.keep(line("livekit", at));
        }
        let kept = log.lines();
        assert_eq!(kept.len(), KEPT + 1);
        assert_eq!((kept[0].at.0, kept[KEPT - 1].at.0), (1000, 501));
        assert_eq!(kept[KEPT].target, "convoke");
        assert!(kept[0].message.len() <= LONGEST);
    }

    #[test]
    fn of_the_site_only_what_is_wrong_is_kept() {
        assert!(KeptLog::wants("convoke_platform::jobs", LogLevel::Warn));
        assert!(!KeptLog::wants("convoke_platform::jobs", LogLevel::Info));
        assert!(KeptLog::wants("livekit", LogLevel::Info));
    }
}
