//! Section `quality`: how calls went, person by person.

use serde::Deserialize;

use super::fault::Refusals;

/// Section `quality`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Quality {
    pub keep_days: u32,
}

impl Quality {
    pub(super) fn check(&self, refused: &mut Refusals) {
        refused.unless(
            self.keep_days <= 365,
            "keep_days",
            "must be between 0 and 365",
        );
    }
}
