//! When to negotiate: changes are gathered for a moment, and one offer is outstanding at a time (rtc/transport.go).

use std::time::{Duration, Instant};

/// Changes that follow a negotiation closely are gathered this long.
const DEBOUNCE: Duration = Duration::from_millis(150);
/// The first change after a quiet time waits only this long.
const FAST_DEBOUNCE: Duration = Duration::from_millis(10);
/// An offer unanswered for this long means that the client is lost: it has to start anew.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// State of the negotiations that the server starts.
#[derive(Debug, Default)]
pub struct Negotiation {
    due: Option<Instant>,
    last: Option<Instant>,
    awaiting: Option<Instant>,
}

impl Negotiation {
    /// Something changed; the answer is when to act.
    pub fn request(&mut self, now: Instant) -> Instant {
        let quiet = self
            .last
            .is_none_or(|last| now.saturating_duration_since(last) > DEBOUNCE);
        let wait = if quiet { FAST_DEBOUNCE } else { DEBOUNCE };
        *self.due.get_or_insert(now + wait)
    }

    /// Act at once.
    pub fn force(&mut self, now: Instant) {
        self.due = Some(now);
    }

    /// Whether to offer now; never while an answer is awaited.
    pub fn take_due(&mut self, now: Instant) -> bool {
        if self.awaiting.is_some() || self.due.is_none_or(|due| due > now) {
            return false;
        }
        self.due = None;
        self.last = Some(now);
        true
    }

    /// An offer went out.
    pub fn offered(&mut self, now: Instant) {
        self.awaiting = Some(now + ANSWER_TIMEOUT);
    }

    /// The answer came.
    pub fn answered(&mut self) {
        self.awaiting = None;
    }

    /// Whether the client owes an answer for too long.
    pub fn timed_out(&self, now: Instant) -> bool {
        self.awaiting.is_some_and(|until| until <= now)
    }

    /// Gives a client that comes back the full time again.
    pub fn forgive(&mut self) {
        self.awaiting = None;
    }

    /// When to look again.
    pub fn deadline(&self) -> Option<Instant> {
        self.awaiting.or(self.due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_close_together_make_one_offer() {
        let start = Instant::now();
        let mut negotiation = Negotiation::default();
        let due = negotiation.request(start);
        assert_eq!(due, start + FAST_DEBOUNCE);
        assert_eq!(negotiation.request(start + Duration::from_millis(5)), due);
        assert!(!negotiation.take_due(start));
        assert!(negotiation.take_due(due));
        assert!(!negotiation.take_due(due));
        assert_eq!(negotiation.request(due), due + DEBOUNCE);
    }

    #[test]
    fn the_next_offer_waits_for_the_answer() {
        let start = Instant::now();
        let mut negotiation = Negotiation::default();
        negotiation.force(start);
        assert!(negotiation.take_due(start));
        negotiation.offered(start);
        negotiation.force(start);
        assert!(!negotiation.take_due(start));
        negotiation.answered();
        assert!(negotiation.take_due(start));
    }

    #[test]
    fn an_answer_is_not_awaited_for_ever() {
        let start = Instant::now();
        let mut negotiation = Negotiation::default();
        negotiation.offered(start);
        assert!(!negotiation.timed_out(start));
        assert!(negotiation.timed_out(start + ANSWER_TIMEOUT));
    }
}
