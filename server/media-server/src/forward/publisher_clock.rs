//! A publisher's wall clock as ours sees it, one for all its tracks, so that they stay in step for their subscribers.
//!
//! The report that travelled fastest says best how far the clocks are apart. Clocks also run apart: what later reports say
//! is followed slowly. It knows no tracks and no RTP.

use std::time::{Duration, Instant, SystemTime};

/// Clocks drift by less than one part in so many.
const DRIFT: u32 = 2_000;
/// What is further off is a clock that was set, or one that stands still.
const SET: Duration = Duration::from_secs(1);
/// Capturing, encoding and travelling take less.
const LONGEST_WAY: Duration = Duration::from_secs(2);

/// Where the publisher's clock stands on ours.
#[derive(Debug, Clone, Copy, Default)]
pub struct PublisherClock(Option<Moment>);

/// One moment on both clocks.
#[derive(Debug, Clone, Copy)]
struct Moment {
    theirs: SystemTime,
    ours: Instant,
}

impl Moment {
    fn ours(&self, theirs: SystemTime) -> Option<Instant> {
        match theirs.duration_since(self.theirs) {
            Ok(later) => self.ours.checked_add(later),
            Err(earlier) => self.ours.checked_sub(earlier.duration()),
        }
    }
}

impl PublisherClock {
    /// A report of any of its tracks says what the publisher's clock was when it was sent.
    pub fn report(&mut self, ntp: SystemTime, arrived: Instant) {
        let ours = self.0.and_then(|moment| {
            let sent = moment.ours(ntp)?;
            let late = arrived.checked_duration_since(sent)?;
            if late > SET {
                return None;
            }
            let elapsed = ntp.duration_since(moment.theirs).unwrap_or_default();
            sent.checked_add(late.min(elapsed / DRIFT))
        });
        self.0 = Some(Moment {
            theirs: ntp,
            // The first report, the fastest yet, or another clock than before.
            ours: ours.unwrap_or(arrived),
        });
    }

    /// When it was, on our clock, that a packet was captured which arrived at `arrived`; none if that cannot be.
    pub fn captured(&self, ntp: SystemTime, arrived: Instant) -> Option<Instant> {
        let captured = self.0?.ours(ntp)?.min(arrived);
        (arrived.duration_since(captured) < LONGEST_WAY).then_some(captured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_000_000 + millis)
    }

    #[test]
    fn the_fastest_report_counts() {
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        let mut clock = PublisherClock::default();
        assert_eq!(clock.captured(at(0), after(100)), None, "nothing is known");
        clock.report(at(0), after(80));
        clock.report(at(1_000), after(1_020));
        clock.report(at(2_000), after(2_100));
        let captured = clock.captured(at(2_500), after(2_900)).unwrap();
        let way = captured.duration_since(after(2_500));
        assert!((20..=21).contains(&way.as_millis()), "{way:?}");
    }

    #[test]
    fn a_clock_that_runs_slow_is_followed() {
        let start = Instant::now();
        let mut clock = PublisherClock::default();
        // 100 ppm slow for an hour: 360 ms.
        for report in 0..720 {
            let arrived = start + Duration::from_micros(report * 5_000_500);
            clock.report(at(report * 5_000), arrived);
        }
        let arrived = start + Duration::from_micros(719 * 5_000_500);
        let captured = clock.captured(at(719 * 5_000), arrived).unwrap();
        let late = arrived.duration_since(captured);
        assert!(late < Duration::from_millis(2), "{late:?}");
    }

    #[test]
    fn a_clock_that_was_set_or_stands_still_is_taken_as_it_is() {
        let start = Instant::now();
        let mut clock = PublisherClock::default();
        for (ntp, arrived) in [(0, 0), (90_000, 5_000), (90_000, 10_000), (10, 15_000)] {
            let arrived = start + Duration::from_millis(arrived);
            clock.report(at(ntp), arrived);
            assert_eq!(clock.captured(at(ntp), arrived), Some(arrived));
        }
    }

    #[test]
    fn what_cannot_be_is_not_told() {
        let start = Instant::now();
        let mut clock = PublisherClock::default();
        clock.report(at(60_000), start + Duration::from_mins(1));
        let arrived = start + Duration::from_secs(61);
        assert_eq!(
            clock.captured(at(61_500), arrived),
            Some(arrived),
            "not yet"
        );
        assert_eq!(clock.captured(at(1_000), arrived), None, "too long ago");
    }
}
