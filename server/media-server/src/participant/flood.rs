//! A token bucket: how much a client may ask for per second, with room for bursts.

use std::time::Instant;

/// Seconds of allowance that can be saved up for a burst.
const BURST_SECONDS: f64 = 10.0;

/// Allowance for one kind of input of one participant.
#[derive(Debug)]
pub struct Allowance {
    per_second: f64,
    left: f64,
    refilled: Instant,
}

impl Allowance {
    /// A full bucket; 0 per second means no limit.
    pub fn new(per_second: u32, now: Instant) -> Self {
        let per_second = f64::from(per_second);
        Self {
            per_second,
            left: per_second * BURST_SECONDS,
            refilled: now,
        }
    }

    /// Takes `cost` out of the bucket; false when there is not enough in it.
    pub fn take(&mut self, cost: f64, now: Instant) -> bool {
        if self.per_second == 0.0 {
            return true;
        }
        let elapsed = now.saturating_duration_since(self.refilled).as_secs_f64();
        self.refilled = now;
        let most = self.per_second * BURST_SECONDS;
        self.left = elapsed.mul_add(self.per_second, self.left).min(most);
        if self.left < cost {
            return false;
        }
        self.left -= cost;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_is_allowed_but_not_for_ever() {
        let start = Instant::now();
        let mut allowance = Allowance::new(2, start);
        assert!((0..20).all(|_| allowance.take(1.0, start)));
        assert!(!allowance.take(1.0, start));
        assert!(allowance.take(1.0, start + Duration::from_secs(1)));
    }

    #[test]
    fn zero_means_no_limit() {
        let start = Instant::now();
        let mut allowance = Allowance::new(0, start);
        assert!((0..10_000).all(|_| allowance.take(1.0, start)));
    }
}
