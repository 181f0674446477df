//! Where time and randomness come from, so that tests can choose them.

use std::time::SystemTime;

/// The outside sources of everything that is not in a request.
#[derive(Debug, Clone, Copy)]
pub struct Sources {
    /// The time that tokens are signed and checked with.
    pub wall_clock: fn() -> SystemTime,
    /// Jitter, the order of equal DNS records and request ids.
    pub random: Random,
}

impl Default for Sources {
    #[expect(
        clippy::disallowed_methods,
        reason = "where the clock that is passed in comes from"
    )]
    fn default() -> Self {
        Self {
            wall_clock: SystemTime::now,
            random: Random(rand::random),
        }
    }
}

/// A source of random numbers.
#[derive(Debug, Clone, Copy)]
pub struct Random(fn() -> u64);

impl Random {
    /// Numbers from `source`.
    pub const fn new(source: fn() -> u64) -> Self {
        Self(source)
    }

    /// The next number.
    pub fn number(self) -> u64 {
        (self.0)()
    }

    /// The next number from 0 up to, but not including, 1.
    #[expect(
        clippy::cast_precision_loss,
        reason = "53 bits are what a fraction holds"
    )]
    pub fn fraction(self) -> f64 {
        (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
