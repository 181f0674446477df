//! Section `log`: what is written to standard error.

use serde::Deserialize;

use super::fault::Refusals;

const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];

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
        let why = "must be error, warn, info, debug, trace, or a filter such as info,convoke_platform=debug";
        refused.unless(is_filter(&self.level), "level", why);
    }
}

/// To the filter's own reader a misspelt level is the name of a program part: the log would be empty.
fn is_filter(text: &str) -> bool {
    text.split(',').all(|directive| {
        let level = directive
            .rsplit_once('=')
            .map_or(directive, |(_, level)| level)
            .trim();
        LEVELS.iter().any(|known| level.eq_ignore_ascii_case(known))
    })
}
