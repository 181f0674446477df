//! Section `log`: what is written to standard error.

use serde::Deserialize;

use super::fault::Refusals;

/// Section `log`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Log {
    pub level: String,
    pub format: LogFormat,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For collectors.
    Json,
}

impl Log {
    pub(super) fn check(&self, refused: &mut Refusals) {
        refused.unless(!self.level.trim().is_empty(), "level", "must not be empty");
    }
}
