//! How many files and sockets this process may have open: as many as the system allows it.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// What the database, logs, timers and probes need, so that connections cannot take it.
const RESERVED: u64 = 256;

/// Raises the soft limit (often 1,024, for programs that use `select`) to the hard one.
pub fn raise_descriptor_limit() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE)
        .and_then(|(_, hard)| setrlimit(Resource::RLIMIT_NOFILE, hard, hard));
    if let Err(error) = raised {
        tracing::warn!(%error, "the limit of open files cannot be raised");
    }
}

/// How many descriptors connections may have.
pub fn descriptors_for_connections() -> usize {
    // 1,024 is the lowest limit in use.
    let (limit, _) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((1024, 1024));
    let left = limit.saturating_sub(RESERVED).max(RESERVED);
    usize::try_from(left).unwrap_or(usize::MAX)
}
