//! Judges how much a subscriber's connection carries, from its bandwidth estimates and reported losses.
//!
//! Cautious both ways: an estimate below what is being sent must persist before it counts (receivers
//! start low and follow what they get), and after a reduction the budget rises slowly.

use std::time::{Duration, Instant};

/// An estimate counts as congestion when it stays below this share of what is sent.
const SHORTFALL: f64 = 0.9;
/// A receiver starts with a guess and needs some seconds of media before its estimate says anything.
const GRACE: Duration = Duration::from_secs(8);
/// For so long.
const PERSISTENCE: Duration = Duration::from_secs(1);
/// Or when so much is lost.
const HEAVY_LOSS: f64 = 0.10;
/// Below this sending rate nothing is called congestion.
const NOTEWORTHY: u64 = 50_000;
/// Part of the estimate that is handed out.
const MARGIN: f64 = 0.95;
/// First wait before the budget is raised again.
const FIRST_WAIT: Duration = Duration::from_secs(2);
/// Longest wait, after raises that failed.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Each raise.
const RAISE: f64 = 1.5;
/// A receiver must not be starved below this by a wrong estimate.
const FLOOR: f64 = 50_000.0;

/// What the connection carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// No limit is known.
    Open,
    /// At most this many bits per second.
    Limited(u64),
}

/// Watches one subscriber's connection.
#[derive(Debug, Clone)]
pub struct ChannelObserver {
    budget: Option<f64>,
    estimate: Option<f64>,
    loss: f64,
    /// When something worth judging was first sent.
    started: Option<Instant>,
    short_since: Option<Instant>,
    lossy_since: Option<Instant>,
    raise_at: Option<Instant>,
    raised: bool,
    wait: Duration,
}

impl Default for ChannelObserver {
    fn default() -> Self {
        Self {
            budget: None,
            estimate: None,
            loss: 0.0,
            started: None,
            short_since: None,
            lossy_since: None,
            raise_at: None,
            raised: false,
            wait: FIRST_WAIT,
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bitrates are far below 2^52 and never negative"
)]
impl ChannelObserver {
    /// A bandwidth estimate (REMB or TWCC), in bits per second.
    pub const fn estimate(&mut self, bits_per_second: u64) {
        self.estimate = Some(bits_per_second as f64);
    }

    /// The fraction of packets that a receiver report says were lost, 0 to 1.
    pub fn loss(&mut self, fraction: f64) {
        self.loss += (fraction.clamp(0.0, 1.0) - self.loss) * 0.5;
    }

    /// Judges anew; call it every 200 to 1000 ms with what is being sent and what all wishes would cost.
    pub fn update(&mut self, sending: u64, wanted: u64, now: Instant) -> Channel {
        let sent = sending as f64;
        let noteworthy = sending >= NOTEWORTHY;
        if noteworthy {
            self.started.get_or_insert(now);
        }
        let settled = self
            .started
            .is_some_and(|at| now.saturating_duration_since(at) >= GRACE);
        let short = noteworthy
            && settled
            && self
                .estimate
                .is_some_and(|estimate| estimate < sent * SHORTFALL);
        let lossy = noteworthy && self.loss > HEAVY_LOSS;
        let short_long = persists(&mut self.short_since, short, now);
        let lossy_long = persists(&mut self.lossy_since, lossy, now);
        if short_long || lossy_long {
            let estimated = self
                .estimate
                .filter(|_| short_long)
                .unwrap_or(f64::INFINITY)
                * MARGIN;
            let delivered = if lossy_long {
                sent * (1.0 - 0.5 * self.loss)
            } else {
                f64::INFINITY
            };
            self.reduce(estimated.min(delivered).max(FLOOR), now);
        } else {
            self.raise(wanted, now);
        }
        self.budget
            .map_or(Channel::Open, |budget| Channel::Limited(budget as u64))
    }

    fn reduce(&mut self, budget: f64, now: Instant) {
        if self.raised {
            // The last raise was too much: be slower.
            self.wait = (self.wait * 2).min(LONGEST_WAIT);
        }
        self.raised = false;
        self.budget = Some(self.budget.map_or(budget, |current| current.min(budget)));
        self.raise_at = Some(now + self.wait);
        // The next judgement needs new evidence.
        self.short_since = None;
        self.lossy_since = None;
        self.loss = 0.0;
    }

    fn raise(&mut self, wanted: u64, now: Instant) {
        let (Some(budget), Some(at)) = (self.budget, self.raise_at) else {
            return;
        };
        if now < at || self.short_since.is_some() || self.lossy_since.is_some() {
            return;
        }
        if self.raised {
            // The raise before this one held.
            self.wait = FIRST_WAIT;
        }
        let estimated = self.estimate.unwrap_or(0.0) * MARGIN;
        let budget = (budget * RAISE).max(estimated.min(budget * 2.0));
        self.raised = true;
        self.raise_at = Some(now + self.wait);
        self.budget = (budget < wanted as f64).then_some(budget);
    }
}

fn persists(since: &mut Option<Instant>, condition: bool, now: Instant) -> bool {
    if !condition {
        *since = None;
        return false;
    }
    now.saturating_duration_since(*since.get_or_insert(now)) >= PERSISTENCE
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(500);

    struct Run {
        observer: ChannelObserver,
        now: Instant,
    }

    impl Run {
        fn new() -> Self {
            Self {
                observer: ChannelObserver::default(),
                now: Instant::now(),
            }
        }

        /// Long enough for estimates to count.
        fn settled() -> Self {
            let mut run = Self::new();
            for _ in 0..20 {
                assert_eq!(run.step(3_000_000, 1_600_000), Channel::Open);
            }
            run
        }

        /// Half a second in which `sending` leaves the server.
        fn step(&mut self, estimate: u64, sending: u64) -> Channel {
            self.now += STEP;
            self.observer.estimate(estimate);
            self.observer.update(sending, 2_000_000, self.now)
        }
    }

    #[test]
    fn a_low_estimate_at_the_start_is_no_congestion() {
        let mut run = Run::new();
        for (estimate, sending) in [(300_000, 100_000), (500_000, 400_000), (900_000, 800_000)] {
            assert_eq!(run.step(estimate, sending), Channel::Open);
        }
    }

    #[test]
    fn an_estimate_that_starts_far_too_low_has_time_to_grow() {
        let mut run = Run::new();
        for _ in 0..14 {
            assert_eq!(run.step(110_000, 500_000), Channel::Open);
        }
    }

    #[test]
    fn a_receiver_that_was_judged_wrongly_is_back_at_full_rate_within_half_a_minute() {
        let mut run = Run::settled();
        while run.step(110_000, 1_600_000) == Channel::Open {}
        let reduced_at = run.now;
        // Its estimate follows what it gets.
        while let Channel::Limited(budget) = run.step(110_000, 100_000) {
            let followed = budget * 3 / 2;
            if run.step(followed, budget) == Channel::Open {
                break;
            }
        }
        assert!(run.now - reduced_at < Duration::from_secs(30));
    }

    #[test]
    fn one_bad_estimate_changes_nothing_and_a_lasting_one_does() {
        let mut run = Run::settled();
        assert_eq!(run.step(800_000, 1_600_000), Channel::Open);
        assert_eq!(run.step(2_000_000, 1_600_000), Channel::Open);
        for _ in 0..2 {
            assert_eq!(run.step(800_000, 1_600_000), Channel::Open);
        }
        assert_eq!(run.step(800_000, 1_600_000), Channel::Limited(760_000));
    }

    #[test]
    fn heavy_loss_reduces_even_without_estimates() {
        let mut observer = ChannelObserver::default();
        let start = Instant::now();
        let mut last = Channel::Open;
        for second in 0..4 {
            observer.loss(0.4);
            last = observer.update(1_000_000, 2_000_000, start + Duration::from_secs(second));
            if last != Channel::Open {
                break;
            }
        }
        let Channel::Limited(budget) = last else {
            panic!("still open")
        };
        assert!((700_000..900_000).contains(&budget), "{budget}");
    }

    #[test]
    fn the_budget_rises_slowly_until_it_covers_all_wishes() {
        let mut run = Run::new();
        while run.step(800_000, 1_600_000) == Channel::Open {}
        let reduced_at = run.now;
        let mut budgets = Vec::new();
        loop {
            match run.step(1_500_000, 700_000) {
                Channel::Open => break,
                Channel::Limited(budget) => budgets.push(budget),
            }
        }
        assert!(budgets.is_sorted());
        assert_eq!(budgets[0], 760_000, "not at once");
        let took = run.now - reduced_at;
        assert!(
            took >= FIRST_WAIT * 2 && took < Duration::from_mins(1),
            "{took:?}"
        );
    }

    #[test]
    fn a_raise_that_fails_makes_the_next_one_later() {
        let mut run = Run::new();
        while run.step(800_000, 1_600_000) == Channel::Open {}
        let mut waits = Vec::new();
        for _ in 0..3 {
            let from = run.now;
            let Channel::Limited(before) = run.step(800_000, 500_000) else {
                panic!("open")
            };
            while run.step(800_000, 500_000) == Channel::Limited(before) {}
            waits.push(run.now - from);
            // What was added does not fit.
            for _ in 0..4 {
                run.step(600_000, 900_000);
            }
        }
        assert!(waits[0] < waits[1] && waits[1] < waits[2], "{waits:?}");
    }
}
