//! Limits keyframe requests to a publisher: many subscribers' wishes become one request per interval.

use std::time::{Duration, Instant};

use super::layer::MAX_SPATIAL;

/// Shortest time between two requests, per stream low to high.
const INTERVALS: [Duration; MAX_SPATIAL] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(1),
];

#[derive(Debug, Clone, Copy, Default)]
struct Stream {
    requested_at: Option<Instant>,
    pending: bool,
}

/// Keyframe requests of one published track.
#[derive(Debug, Clone, Default)]
pub struct KeyframeThrottle {
    streams: [Stream; MAX_SPATIAL],
}

impl KeyframeThrottle {
    /// A subscriber needs a keyframe of `stream`; true: send the request now, else it is kept for later.
    pub fn request(&mut self, stream: u8, now: Instant) -> bool {
        let index = usize::from(stream).min(MAX_SPATIAL - 1);
        let entry = &mut self.streams[index];
        let ready = entry
            .requested_at
            .is_none_or(|at| now.saturating_duration_since(at) >= INTERVALS[index]);
        entry.pending = !ready;
        if ready {
            entry.requested_at = Some(now);
        }
        ready
    }

    /// A keyframe of `stream` came, so a kept request is fulfilled.
    pub fn received(&mut self, stream: u8) {
        if let Some(entry) = self.streams.get_mut(usize::from(stream)) {
            entry.pending = false;
        }
    }

    /// When [`Self::poll`] has a kept request to send.
    pub fn deadline(&self) -> Option<Instant> {
        let due = |(entry, interval): (&Stream, &Duration)| {
            entry
                .requested_at
                .filter(|_| entry.pending)
                .map(|at| at + *interval)
        };
        self.streams.iter().zip(&INTERVALS).filter_map(due).min()
    }

    /// The next kept request whose time has come; call it until it gives `None`.
    pub fn poll(&mut self, now: Instant) -> Option<u8> {
        let pending: Vec<u8> = (0u8..)
            .zip(&self.streams)
            .filter(|(_, entry)| entry.pending)
            .map(|(s, _)| s)
            .collect();
        pending
            .into_iter()
            .find(|&stream| self.request(stream, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_wishes_become_one_request_per_interval() {
        let mut throttle = KeyframeThrottle::default();
        let start = Instant::now();
        assert!(throttle.request(0, start));
        for millis in 1..5 {
            assert!(!throttle.request(0, start + Duration::from_millis(millis)));
        }
        let due = start + Duration::from_millis(500);
        assert_eq!(throttle.deadline(), Some(due));
        assert_eq!(throttle.poll(start + Duration::from_millis(499)), None);
        assert_eq!(throttle.poll(due), Some(0));
        assert_eq!(throttle.poll(due), None);
        assert_eq!(throttle.deadline(), None);
    }

    #[test]
    fn streams_are_throttled_apart_and_high_ones_more() {
        let mut throttle = KeyframeThrottle::default();
        let start = Instant::now();
        assert!(throttle.request(0, start) && throttle.request(2, start));
        let later = start + Duration::from_millis(600);
        assert!(throttle.request(0, later) && !throttle.request(2, later));
    }

    #[test]
    fn a_keyframe_that_came_cancels_the_kept_request() {
        let mut throttle = KeyframeThrottle::default();
        let start = Instant::now();
        throttle.request(1, start);
        throttle.request(1, start);
        throttle.received(1);
        assert_eq!(throttle.deadline(), None);
    }
}
