//! Adds up what goes through each participant's connection. It must not know who they are, or what is done with the sums.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use livekit_wire::quality::{ConnectionTotals, StreamTotals};

use crate::forward::QualityWindow;
use crate::participant::ParticipantKey;

/// Everybody's.
#[derive(Default)]
pub(super) struct AllTotals {
    first: Option<Instant>,
    now: Duration,
    all: BTreeMap<ParticipantKey, Totals>,
}

/// One participant's.
#[derive(Default)]
pub(super) struct Totals {
    at: Duration,
    up: StreamTotals,
    down: StreamTotals,
    rtt: Option<Duration>,
    jitter_ms: Option<f64>,
}

impl AllTotals {
    /// What is added from here on was counted `now`.
    pub fn begin(&mut self, now: Instant) {
        self.now = now - *self.first.get_or_insert(now);
        for totals in self.all.values_mut() {
            totals.at = self.now;
            totals.rtt = None;
            totals.jitter_ms = None;
        }
    }

    /// Adds what one track of a participant's brought.
    pub fn add_up(&mut self, key: ParticipantKey, window: &QualityWindow, bytes: u64) {
        let totals = self.of_mut(key);
        add(&mut totals.up, window.packets, window.lost, bytes);
        totals.rtt = totals.rtt.max(window.rtt);
        totals.jitter_ms = Some(totals.jitter_ms.unwrap_or(0.0).max(window.jitter_ms));
    }

    /// Adds what was sent to a participant of one track.
    pub fn add_down(&mut self, key: ParticipantKey, window: &QualityWindow, bytes: u64) {
        let totals = self.of_mut(key);
        let arrived = window.packets.saturating_sub(window.lost);
        add(&mut totals.down, arrived, window.lost, bytes);
        totals.rtt = totals.rtt.max(window.rtt);
    }

    fn of_mut(&mut self, key: ParticipantKey) -> &mut Totals {
        let totals = self.all.entry(key).or_default();
        totals.at = self.now;
        totals
    }

    /// One participant's, once something was counted.
    pub fn of(&self, key: ParticipantKey) -> Option<&Totals> {
        self.all.get(&key)
    }

    /// Somebody left.
    pub fn forget(&mut self, key: ParticipantKey) {
        self.all.remove(&key);
    }
}

impl Totals {
    /// As they are told of the participant that LiveKit calls `sid`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "jitter is some milliseconds, and never negative"
    )]
    pub fn told(&self, sid: &str) -> ConnectionTotals {
        ConnectionTotals {
            sid: sid.to_owned(),
            counted_at: milliseconds(self.at),
            up: self.up,
            down: self.down,
            rtt: self.rtt.map(milliseconds),
            jitter: self.jitter_ms.map(|ms| ms.round() as u64),
        }
    }
}

fn add(totals: &mut StreamTotals, packets: u64, lost: u64, bytes: u64) {
    totals.packets += packets;
    totals.lost += lost;
    totals.bytes += bytes;
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(packets: u64, lost: u64, rtt: Option<u64>, jitter_ms: f64) -> QualityWindow {
        QualityWindow {
            packets,
            lost,
            rtt: rtt.map(Duration::from_millis),
            jitter_ms,
            ..QualityWindow::default()
        }
    }

    #[test]
    fn tracks_add_up_and_the_worst_is_told() {
        let (alice, bob) = (ParticipantKey(1), ParticipantKey(2));
        let mut all = AllTotals::default();
        let start = Instant::now();
        all.begin(start);
        all.add_up(alice, &window(100, 3, Some(20), 2.4), 9_000);
        all.add_up(alice, &window(50, 0, Some(70), 11.6), 1_000);
        all.begin(start + Duration::from_secs(5));
        all.add_up(alice, &window(10, 0, Some(30), 4.0), 500);
        all.add_down(bob, &window(40, 10, None, 0.0), 700);
        assert_eq!(
            all.of(alice).unwrap().told("PA_a"),
            ConnectionTotals {
                sid: "PA_a".to_owned(),
                counted_at: 5_000,
                up: StreamTotals {
                    packets: 160,
                    lost: 3,
                    bytes: 10_500
                },
                down: StreamTotals::default(),
                // How it is now, not how it was.
                rtt: Some(30),
                jitter: Some(4),
            }
        );
        let bobs = all.of(bob).unwrap().told("PA_b");
        assert_eq!((bobs.down.packets, bobs.down.lost), (30, 10));
        assert_eq!((bobs.rtt, bobs.jitter), (None, None));
        all.forget(alice);
        assert!(all.of(alice).is_none());
    }
}
