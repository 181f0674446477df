//! Where films are kept, and what makes them.

use crate::{Check, Finding, facts::Facts};

/// Judges it.
pub fn storage(facts: &Facts) -> Vec<Finding> {
    let check = Check::Storage;
    vec![match &facts.storage {
        Ok(what) => Finding::ok(check, format!("Recordings: {what}.")),
        Err(why) => Finding::fail(
            check,
            format!("Recordings cannot be made or kept: {why}."),
            "Correct the section recordings, or set recordings.enabled to false.",
        ),
    }]
}
