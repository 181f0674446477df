//! When a room ends: some time after it was opened if nobody comes, some time after the last one left. It must not know who
//! is there.

use std::time::{Duration, Instant};

use crate::ground::Now;

/// The life of one room. It ends once.
#[derive(Debug)]
pub(super) struct Lifetime {
    created: Now,
    empty_timeout: Duration,
    departure_timeout: Duration,
    joined_once: bool,
    left_at: Option<Instant>,
    finished: bool,
}

impl Lifetime {
    /// A room that is open from now on.
    pub fn new(empty_timeout: Duration, departure_timeout: Duration, now: Now) -> Self {
        Self {
            created: now,
            empty_timeout,
            departure_timeout,
            joined_once: false,
            left_at: None,
            finished: false,
        }
    }

    /// When the room was opened.
    pub fn created(&self) -> Now {
        self.created
    }

    /// How long nobody has to come for the room to end.
    pub fn empty_timeout(&self) -> Duration {
        self.empty_timeout
    }

    /// How long after the last one left the room ends.
    pub fn departure_timeout(&self) -> Duration {
        self.departure_timeout
    }

    /// Somebody came who counts as company.
    pub fn company_came(&mut self) {
        self.joined_once = true;
    }

    /// Somebody left.
    pub fn somebody_left(&mut self, now: Instant) {
        self.left_at = Some(now);
    }

    /// Whether a room without company has waited long enough.
    pub fn has_waited(&self, now: Instant) -> bool {
        let (since, timeout) = match self.left_at {
            Some(left_at) if self.joined_once => (left_at, self.departure_timeout),
            Some(_) | None => (self.created.instant, self.empty_timeout),
        };
        now.saturating_duration_since(since) >= timeout
    }

    /// Ends the room.
    pub fn finish(&mut self) {
        self.finished = true;
    }

    /// Whether the room has ended.
    pub fn is_finished(&self) -> bool {
        self.finished
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    const EMPTY: Duration = Duration::from_mins(5);
    const DEPARTURE: Duration = Duration::from_secs(20);

    fn opened() -> (Lifetime, Instant) {
        let now = Now {
            instant: Instant::now(),
            system: SystemTime::UNIX_EPOCH,
        };
        (Lifetime::new(EMPTY, DEPARTURE, now), now.instant)
    }

    #[test]
    fn a_room_waits_for_the_first_and_shorter_after_the_last() {
        let (mut lifetime, start) = opened();
        assert!(!lifetime.has_waited(start + DEPARTURE));
        assert!(lifetime.has_waited(start + EMPTY));
        lifetime.company_came();
        let left = start + EMPTY * 2;
        lifetime.somebody_left(left);
        assert!(!lifetime.has_waited(left + DEPARTURE / 2));
        assert!(lifetime.has_waited(left + DEPARTURE));
    }

    #[test]
    fn whoever_is_no_company_does_not_shorten_the_wait() {
        let (mut lifetime, start) = opened();
        lifetime.somebody_left(start + Duration::from_secs(1));
        assert!(!lifetime.has_waited(start + DEPARTURE * 2));
        assert!(lifetime.has_waited(start + EMPTY));
    }
}
