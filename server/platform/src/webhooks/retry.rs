//! When a message that was not taken is sent again, and when no more. It must not know why it was not taken.

use std::time::Duration;

use crate::{clock::Timestamp, random::Random};

/// How long one message is tried before its endpoint is paused.
pub const TRIED_FOR: Duration = Duration::from_hours(3 * 24);
/// The longest that a receiver may ask to be left alone for.
const LONGEST_ASKED: Duration = Duration::from_hours(8);
const DELAYS: [Duration; 7] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_hours(1),
    Duration::from_hours(3),
    Duration::from_hours(8),
];

/// The next attempt after `tries` that failed, the first of them at `since`; `None`: three days have passed. `asked`: how
/// long the receiver wants to be left alone.
pub fn next_attempt(
    random: &Random,
    (tries, since): (usize, Timestamp),
    asked: Option<Duration>,
    now: Timestamp,
) -> Option<Timestamp> {
    let end = since + TRIED_FOR;
    if now >= end {
        return None;
    }
    let last = DELAYS.len() - 1;
    let delay = DELAYS[tries.saturating_sub(1).min(last)];
    // Up to a fifth later, so that those who failed together do not come back together.
    let [share] = random.bytes::<1>();
    let jitter = delay / 5 * u32::from(share) / 255;
    let asked = asked.unwrap_or_default().min(LONGEST_ASKED);
    Some((now + (delay + jitter).max(asked)).min(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_further_and_further_apart_until_three_days_have_passed() {
        let random = Random::seeded(7);
        let since = Timestamp(1_000_000);
        let (mut now, mut tries) = (since, 1);
        let mut waits = Vec::new();
        while let Some(next) = next_attempt(&random, (tries, since), None, now) {
            waits.push(next.since(now));
            (now, tries) = (next, tries + 1);
        }
        assert_eq!(now, since + TRIED_FOR, "the last one is exactly then");
        assert!((14..=17).contains(&waits.len()), "{waits:?}");
        for (wait, delay) in waits.iter().zip(DELAYS) {
            assert!(
                *wait >= delay && *wait <= delay * 6 / 5,
                "{wait:?} {delay:?}"
            );
        }
        assert!(waits[0] != DELAYS[0] || waits[1] != DELAYS[1], "jitter");
    }

    #[test]
    fn a_receiver_may_ask_for_a_pause_but_not_for_a_long_one() {
        let random = Random::seeded(7);
        let at = Timestamp(0);
        let after = |asked| {
            let next = next_attempt(&random, (1, at), Some(Duration::from_secs(asked)), at);
            next.unwrap().since(at).as_secs()
        };
        assert_eq!(after(90), 90);
        assert!(after(1) >= 5);
        assert_eq!(after(u64::from(u32::MAX)), 8 * 3600);
    }
}
