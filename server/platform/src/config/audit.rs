//! Section `audit`: the record of who did what.

use serde::Deserialize;

use super::fault::Refusals;

/// Section `audit`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Audit {
    pub keep_days: u32,
}

impl Audit {
    pub(super) fn check(&self, refused: &mut Refusals) {
        refused.unless(
            self.keep_days <= 36_500,
            "keep_days",
            "must be between 0 and 36500",
        );
    }
}
