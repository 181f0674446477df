//! What this process takes from its machine: processor, memory, descriptors. What the system does not tell is left out.

use std::fs;

use nix::sys::{
    resource::{Resource, UsageWho, getrlimit, getrusage},
    time::TimeValLike,
};

/// What a process takes now.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct ProcessUsage {
    /// Seconds of processor time since it started, its own and the system's for it.
    pub cpu_seconds: f64,
    /// Resident memory in bytes.
    pub memory_bytes: Option<u64>,
    /// Open files and sockets.
    pub open_fds: Option<u64>,
    /// How many it may open.
    pub max_fds: Option<u64>,
}

impl ProcessUsage {
    /// Asks the system.
    #[must_use]
    pub fn now() -> Self {
        let micros = getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| {
            usage.user_time().num_microseconds() + usage.system_time().num_microseconds()
        });
        #[expect(
            clippy::cast_precision_loss,
            reason = "a process runs for less than 285 years"
        )]
        let cpu_seconds = micros as f64 / 1e6;
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        Self {
            cpu_seconds,
            memory_bytes: resident(&status),
            open_fds: fs::read_dir("/proc/self/fd")
                .ok()
                .map(|fds| fds.count() as u64),
            max_fds: getrlimit(Resource::RLIMIT_NOFILE)
                .ok()
                .map(|(soft, _)| soft),
        }
    }
}

/// proc_pid_status(5): `VmRSS:     1234 kB`.
fn resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_process_has_memory_files_and_time() {
        let usage = ProcessUsage::now();
        assert!(usage.memory_bytes.unwrap() > 1 << 20, "{usage:?}");
        assert!(usage.open_fds.unwrap() > 2 && usage.open_fds < usage.max_fds);
        assert!(usage.cpu_seconds > 0.0 && usage.cpu_seconds < 1e6);
    }

    #[test]
    fn memory_is_read_as_the_system_writes_it() {
        assert_eq!(resident("Name:\tx\nVmRSS:\t   2048 kB\n"), Some(2 << 20));
        assert_eq!(resident("Name:\tx\n"), None);
    }
}
