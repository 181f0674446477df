//! How often one key may do something, in bounded memory, whoever asks. It must not know what is limited, nor how a
//! refusal is said.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    num::NonZeroU32,
    time::Duration,
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};

/// One rate with a burst. Keys share 65,536 slots by a secret hash: an attacker with endless addresses can neither fill
/// the memory nor aim at somebody else's slot.
pub struct RateLimit {
    slots: DefaultKeyedRateLimiter<u16>,
    hasher: RandomState,
}

impl RateLimit {
    /// `burst` at once after a rest, and in the long run one in every `each`.
    pub fn new(burst: NonZeroU32, each: Duration) -> Self {
        let quota = Quota::with_period(each.max(Duration::from_nanos(1)))
            .unwrap_or(Quota::per_second(NonZeroU32::MAX));
        Self {
            slots: RateLimiter::keyed(quota.allow_burst(burst)),
            hasher: RandomState::new(),
        }
    }

    /// Counts one try of `key`; refused, it says how long to wait.
    pub fn check(&self, key: &impl Hash) -> Result<(), Duration> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "16 bits of a hash are a hash"
        )]
        let slot = self.hasher.hash_one(key) as u16;
        self.slots
            .check_key(&slot)
            .map_err(|until| until.wait_time_from(self.slots.clock().now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_burst_passes_and_the_next_try_is_told_how_long_to_wait() {
        let burst = NonZeroU32::new(3).unwrap();
        let limit = RateLimit::new(burst, Duration::from_mins(20));
        for _ in 0..3 {
            assert!(limit.check(&"ada").is_ok());
        }
        let wait = limit.check(&"ada").unwrap_err();
        assert!(
            wait > Duration::from_mins(19) && wait <= Duration::from_mins(20),
            "{wait:?}"
        );
        assert!(limit.check(&"grace").is_ok());
    }
}
