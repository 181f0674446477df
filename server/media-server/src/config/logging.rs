//! `logging`: what to log and how.

use serde::Deserialize;

/// What to log and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Logging {
    /// JSON lines instead of text.
    pub json: bool,
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
}
