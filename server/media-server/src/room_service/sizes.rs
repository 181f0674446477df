//! Size limits of what API calls set.

use std::collections::HashMap;

use livekit_wire::twirp::TwirpError;

use crate::config::Limit;

pub(super) fn check_metadata(limit: &Limit, metadata: &str) -> Result<(), TwirpError> {
    check(
        "metadata size exceeds limits",
        limit.max_metadata_size,
        metadata.len(),
    )
}

pub(super) fn check_name(limit: &Limit, name: &str) -> Result<(), TwirpError> {
    check(
        "name length exceeds limits",
        limit.max_participant_name_length,
        name.len(),
    )
}

pub(super) fn check_attributes(
    limit: &Limit,
    attributes: &HashMap<String, String>,
) -> Result<(), TwirpError> {
    let size = attributes
        .iter()
        .map(|(key, value)| key.len() + value.len())
        .sum();
    check(
        "attribute size exceeds limits",
        limit.max_attributes_size,
        size,
    )
}

fn check(what: &str, limit: usize, size: usize) -> Result<(), TwirpError> {
    if Limit::allows(limit, size) {
        Ok(())
    } else {
        Err(TwirpError::invalid_argument(what, limit))
    }
}
