//! A minute: the unit in which usage is kept.

use crate::clock::Timestamp;

/// Milliseconds of a minute.
pub const MINUTE: i64 = 60_000;

/// The beginning of the minute in which `at` lies.
pub fn minute_of(at: Timestamp) -> Timestamp {
    Timestamp(at.0.div_euclid(MINUTE) * MINUTE)
}
