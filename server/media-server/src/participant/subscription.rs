//! A participant's wish for a track and how far it has come (rtc/subscriptionmanager.go).

use std::time::{Duration, Instant};

/// A wish that cannot be fulfilled is tried again this often.
pub const RETRY_INTERVAL: Duration = Duration::from_secs(3);
/// A wish for a track that nobody publishes is given up after this.
pub const NOT_FOUND_TIMEOUT: Duration = Duration::from_mins(1);

/// How far a subscription has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionState {
    /// The track is unknown, or may not be had, so far.
    Waiting,
    /// A down track carries it.
    Active,
}

/// One wish.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// How far it has come.
    pub state: SubscriptionState,
    /// What the client was last told about its permission.
    pub allowed: Option<bool>,
    wanted_since: Instant,
    retry_at: Instant,
}

impl Subscription {
    /// A new wish, to be tried at once.
    pub fn new(now: Instant) -> Self {
        Self {
            state: SubscriptionState::Waiting,
            allowed: None,
            wanted_since: now,
            retry_at: now,
        }
    }

    /// Whether it is time to try (again).
    pub fn is_due(&self, now: Instant) -> bool {
        self.state == SubscriptionState::Waiting && self.retry_at <= now
    }

    /// It failed this time.
    pub fn postpone(&mut self, now: Instant) {
        self.state = SubscriptionState::Waiting;
        self.retry_at = now + RETRY_INTERVAL;
    }

    /// The track has gone, or has changed: the wish starts anew.
    pub fn restart(&mut self, now: Instant) {
        self.state = SubscriptionState::Waiting;
        self.wanted_since = now;
        self.retry_at = now;
    }

    /// Tries at once what could not be had before.
    pub fn restart_if_waiting(&mut self, now: Instant) {
        if self.state == SubscriptionState::Waiting {
            self.restart(now);
        }
    }

    /// Nobody publishes the track, for too long.
    pub fn is_hopeless(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.wanted_since) >= NOT_FOUND_TIMEOUT
    }
}
