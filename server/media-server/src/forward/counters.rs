//! Counts packets, bytes and losses of one incoming stream, for statistics and quality; no jitter buffer behind it.

use std::time::Instant;

/// Sequence numbers looked back for duplicates.
const WINDOW: u64 = 128;

/// Totals since the stream began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Packets, without duplicates.
    pub packets: u64,
    /// Payload bytes, without duplicates.
    pub bytes: u64,
    /// Expected and not received (yet).
    pub lost: u64,
    /// Received after a later one.
    pub out_of_order: u64,
    /// Received twice.
    pub duplicates: u64,
    /// Packets with no payload.
    pub padding: u64,
}

impl Counts {
    /// What was added since `earlier`; a late packet can take a loss back, which counts as none.
    #[must_use]
    pub const fn since(&self, earlier: &Self) -> Self {
        Self {
            packets: self.packets.saturating_sub(earlier.packets),
            bytes: self.bytes.saturating_sub(earlier.bytes),
            lost: self.lost.saturating_sub(earlier.lost),
            out_of_order: self.out_of_order.saturating_sub(earlier.out_of_order),
            duplicates: self.duplicates.saturating_sub(earlier.duplicates),
            padding: self.padding.saturating_sub(earlier.padding),
        }
    }
}

/// Counts one stream.
#[derive(Debug, Clone, Default)]
pub struct StreamCounter {
    counts: Counts,
    highest: Option<u64>,
    /// Bit n: `highest − n` was received.
    received: u128,
    /// RFC 3550 interarrival jitter, in RTP ticks.
    jitter: f64,
    last: Option<(u64, Instant)>,
}

/// Where a packet stands among those received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Newer than all before; directly after the last one or not.
    Newest {
        /// No packet is missing before it.
        contiguous: bool,
    },
    /// Older than the newest.
    Late,
    /// Seen before.
    Duplicate,
}

impl StreamCounter {
    /// Counts a packet of `bytes` payload bytes and RTP time `time`.
    pub fn add(
        &mut self,
        seq: u64,
        bytes: usize,
        time: u64,
        arrived: Instant,
        clock_rate: u32,
    ) -> Arrival {
        let arrival = self.place(seq);
        if arrival == Arrival::Duplicate {
            self.counts.duplicates += 1;
            return arrival;
        }
        self.counts.packets += 1;
        self.counts.bytes += bytes as u64;
        self.counts.padding += u64::from(bytes == 0);
        match arrival {
            Arrival::Newest { .. } => self.measure_jitter(time, arrived, clock_rate),
            Arrival::Late | Arrival::Duplicate => self.counts.out_of_order += 1,
        }
        arrival
    }

    fn place(&mut self, seq: u64) -> Arrival {
        let Some(highest) = self.highest else {
            self.highest = Some(seq);
            self.received = 1;
            return Arrival::Newest { contiguous: true };
        };
        if seq > highest {
            let ahead = seq - highest;
            self.counts.lost += ahead - 1;
            let shift = u32::try_from(ahead).unwrap_or(u32::MAX);
            self.received = self.received.checked_shl(shift).unwrap_or(0) | 1;
            self.highest = Some(seq);
            return Arrival::Newest {
                contiguous: ahead == 1,
            };
        }
        let behind = highest - seq;
        if behind >= WINDOW {
            self.counts.lost = self.counts.lost.saturating_sub(1);
            return Arrival::Late;
        }
        let bit = 1u128 << behind;
        if self.received & bit != 0 {
            return Arrival::Duplicate;
        }
        self.received |= bit;
        self.counts.lost = self.counts.lost.saturating_sub(1);
        Arrival::Late
    }

    fn measure_jitter(&mut self, time: u64, arrived: Instant, clock_rate: u32) {
        if let Some((last_time, last_arrived)) = self.last
            && last_time != time
        {
            let between = arrived
                .saturating_duration_since(last_arrived)
                .as_secs_f64();
            #[expect(
                clippy::cast_precision_loss,
                reason = "time between two packets is small"
            )]
            let sent = time.wrapping_sub(last_time).cast_signed() as f64;
            let transit = (between * f64::from(clock_rate) - sent).abs();
            // A clock that jumped (mute, restart) is not jitter.
            if transit < f64::from(clock_rate) {
                self.jitter += (transit - self.jitter) / 16.0;
            }
        }
        self.last = Some((time, arrived));
    }

    /// Totals so far.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Interarrival jitter in milliseconds.
    pub fn jitter_ms(&self, clock_rate: u32) -> f64 {
        self.jitter * 1000.0 / f64::from(clock_rate.max(1))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn count(numbers: &[u64]) -> Counts {
        let mut counter = StreamCounter::default();
        let now = Instant::now();
        for &seq in numbers {
            counter.add(seq, 100, seq * 3000, now, 90_000);
        }
        counter.counts()
    }

    #[test]
    fn holes_are_losses_until_they_are_filled() {
        assert_eq!(count(&[1, 2, 5]).lost, 2);
        let filled = count(&[1, 2, 5, 3, 4]);
        assert_eq!(
            (filled.lost, filled.out_of_order, filled.packets),
            (0, 2, 5)
        );
    }

    #[test]
    fn duplicates_count_for_nothing_else() {
        let counts = count(&[1, 2, 2, 1]);
        assert_eq!(
            (counts.packets, counts.bytes, counts.duplicates),
            (2, 200, 2)
        );
    }

    #[test]
    fn evenly_spaced_packets_have_no_jitter() {
        let mut counter = StreamCounter::default();
        let start = Instant::now();
        for n in 0..50u32 {
            let arrived = start + Duration::from_millis(20) * n;
            counter.add(u64::from(n), 80, u64::from(n) * 960, arrived, 48_000);
        }
        assert!(counter.jitter_ms(48_000) < 0.1);
        let late = start + Duration::from_millis(50 * 20 + 160);
        counter.add(50, 80, 50 * 960, late, 48_000);
        assert!(counter.jitter_ms(48_000) > 9.0);
    }
}
