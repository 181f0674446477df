//! Section `rooms`: what a new room starts with.

use std::time::Duration;

use serde::Deserialize;

use super::fault::Refusals;

/// Section `rooms`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Rooms {
    pub guests_allowed: bool,
    pub max_participants: u32,
    pub token_minutes: u32,
}

impl Rooms {
    /// How long a join token is good for.
    pub fn token_lifetime(&self) -> Duration {
        Duration::from_mins(u64::from(self.token_minutes))
    }

    pub(super) fn check(&self, refused: &mut Refusals) {
        refused.unless(
            self.max_participants <= 10_000,
            "max_participants",
            "must be between 0 and 10000",
        );
        refused.unless(
            (1..=60).contains(&self.token_minutes),
            "token_minutes",
            "must be between 1 and 60",
        );
    }
}
