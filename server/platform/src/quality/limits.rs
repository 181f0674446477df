//! How often a page may report, in bounded memory.

use std::{num::NonZeroU32, time::Duration};

use http_edge::RateLimit;

use crate::{http::Problem, livekit::identity::Subject};

/// A page reports every thirty seconds, and once when it ends; somebody may have several.
const REPORTS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(20).unwrap();

/// The limit of one process.
pub struct Limits(RateLimit);

impl Default for Limits {
    fn default() -> Limits {
        Limits(RateLimit::new(
            REPORTS_PER_MINUTE,
            Duration::from_mins(1) / REPORTS_PER_MINUTE.get(),
        ))
    }
}

impl Limits {
    /// Counts a report of somebody's page.
    pub(super) fn report(&self, subject: &Subject) -> Result<(), Problem> {
        self.0.check(subject).map_err(Problem::rate_limited)
    }
}
