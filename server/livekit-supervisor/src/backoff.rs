//! How long to wait before the next start; pure, durations in, durations out.

use std::time::Duration;

use crate::options::Timings;

/// Counts failures in a row: the first costs nothing, then the delay doubles up to a limit.
#[derive(Debug)]
pub struct Backoff {
    timings: Timings,
    failures: u32,
}

impl Backoff {
    pub const fn new(timings: Timings) -> Self {
        Self {
            timings,
            failures: 0,
        }
    }

    /// The delay after a child that was ready for `ready_for` (zero: never).
    pub fn after_failure(&mut self, ready_for: Duration) -> Duration {
        if ready_for >= self.timings.stable_after {
            self.failures = 0;
        }
        let delay = match self.failures {
            0 => Duration::ZERO,
            failures => self
                .timings
                .backoff_first
                .saturating_mul(2_u32.saturating_pow(failures - 1))
                .min(self.timings.backoff_max),
        };
        self.failures = self.failures.saturating_add(1);
        delay
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(backoff: &mut Backoff, count: usize) -> Vec<u64> {
        (0..count)
            .map(|_| backoff.after_failure(Duration::ZERO).as_secs())
            .collect()
    }

    #[test]
    fn the_first_restart_is_at_once_then_delays_double_up_to_thirty_seconds() {
        let mut backoff = Backoff::new(Timings::default());
        assert_eq!(delays(&mut backoff, 9), [0, 1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn a_minute_of_being_ready_earns_an_immediate_restart() {
        let mut backoff = Backoff::new(Timings::default());
        delays(&mut backoff, 5);
        assert_eq!(backoff.after_failure(Duration::from_secs(59)).as_secs(), 16);
        assert_eq!(backoff.after_failure(Duration::from_mins(1)).as_secs(), 0);
        assert_eq!(backoff.after_failure(Duration::ZERO).as_secs(), 1);
    }

    #[test]
    fn a_child_that_never_runs_never_overflows_the_count() {
        let mut backoff = Backoff::new(Timings::default());
        backoff.failures = u32::MAX;
        assert_eq!(backoff.after_failure(Duration::ZERO).as_secs(), 30);
    }
}
