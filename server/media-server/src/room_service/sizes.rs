//! Size limits of what API calls set, in the original's words.

use std::collections::{BTreeMap, HashMap};

use livekit_wire::twirp::TwirpError;

use crate::config::{Limit, TooLong};

pub(super) fn check_metadata(limit: &Limit, metadata: &str) -> Result<(), TwirpError> {
    limit
        .check_metadata(metadata)
        .map_err(|too_long| refusal(limit, too_long))
}

pub(super) fn check_name(limit: &Limit, name: &str) -> Result<(), TwirpError> {
    limit
        .check_name(name)
        .map_err(|too_long| refusal(limit, too_long))
}

/// Those of the call alone; the room checks them together with those that are there.
pub(super) fn check_attributes(
    limit: &Limit,
    attributes: &HashMap<String, String>,
) -> Result<(), TwirpError> {
    limit
        .check_attributes(&BTreeMap::new(), attributes)
        .map_err(|too_long| refusal(limit, too_long))
}

fn refusal(limit: &Limit, too_long: TooLong) -> TwirpError {
    let problem = match too_long {
        TooLong::Name => "name length exceeds limits",
        TooLong::Metadata => "metadata size exceeds limits",
        TooLong::Attributes => "attribute size exceeds limits",
    };
    TwirpError::invalid_argument(problem, limit.of(too_long))
}
