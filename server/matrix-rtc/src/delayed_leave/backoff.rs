//! How long to wait before the next attempt; pure, durations and randomness in, durations out.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(1);
const GROWTH: f64 = 1.5;
/// A homeserver that says "try again in 0 s" is not asked in a tight loop.
const SHORTEST_HINT: Duration = Duration::from_millis(500);

/// Grows by half with each attempt, up to a minute, spread by half to either side.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

impl Backoff {
    /// The wait after a failure; `jitter` is in 0..1.
    pub(super) fn after_failure(&mut self, jitter: f64) -> Duration {
        let wait = self.next.mul_f64(0.5 + jitter.clamp(0.0, 1.0));
        self.next = self.next.mul_f64(GROWTH).min(LONGEST);
        wait
    }

    /// The wait that the other side asks for; failures after it count from the first again.
    pub(super) fn after_hint(&mut self, hint: Duration) -> Duration {
        self.next = FIRST;
        hint.max(SHORTEST_HINT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(backoff: &mut Backoff, jitter: f64, count: usize) -> Vec<f64> {
        (0..count)
            .map(|_| backoff.after_failure(jitter).as_secs_f64())
            .collect()
    }

    #[test]
    fn waits_grow_by_half_up_to_a_minute() {
        let mut backoff = Backoff::default();
        assert_eq!(waits(&mut backoff, 0.5, 4), [1.0, 1.5, 2.25, 3.375]);
        assert!((waits(&mut backoff, 0.5, 20)[19] - 60.0).abs() < 1e-9);
    }

    #[test]
    fn jitter_spreads_a_wait_by_half_to_either_side() {
        assert_eq!(waits(&mut Backoff::default(), 0.0, 1), [0.5]);
        assert_eq!(waits(&mut Backoff::default(), 1.0, 1), [1.5]);
    }

    #[test]
    fn a_hint_is_obeyed_and_starts_the_count_again() {
        let mut backoff = Backoff::default();
        waits(&mut backoff, 0.5, 5);
        let hint = Duration::from_secs(7);
        assert_eq!(backoff.after_hint(hint), hint);
        assert_eq!(waits(&mut backoff, 0.5, 1), [1.0]);
        assert_eq!(backoff.after_hint(Duration::ZERO), SHORTEST_HINT);
    }
}
