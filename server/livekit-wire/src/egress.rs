//! How long each waits for an egress to start. A recorder answers with its first picture, which takes seconds where a room is
//! slow; whoever stands further from it waits longer, so that nobody takes a slow start for a failed one.

use std::time::Duration;

const A_LITTLE: Duration = Duration::from_secs(5);

/// A media server that passes the call on to the recorder.
pub const FORWARDER_WAITS: Duration = Duration::from_secs(20);
/// Whoever asked the media server.
pub const CALLER_WAITS: Duration = FORWARDER_WAITS.saturating_add(A_LITTLE);
/// Whoever asked, until an egress that nobody lists did not begin.
pub const BEGUN_WITHIN: Duration = CALLER_WAITS.saturating_add(A_LITTLE);
