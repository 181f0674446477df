//! `logging`: what to log and how.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What to log and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Logging {
    /// JSON lines instead of text.
    pub json: bool,
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    /// Of the original's WebRTC library.
    pub pion_level: String,
    /// Levels of single parts.
    pub component_levels: BTreeMap<String, String>,
    /// Log only some of many equal lines.
    pub sample: bool,
}
