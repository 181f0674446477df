//! Keeps one subscriber's RTP time continuous across layer switches and pauses.
//!
//! Layers have unrelated RTP clocks; sender reports relate them, arrival times stand in until there are any.

use std::time::{Duration, Instant, SystemTime};

use super::packet::SenderReport;

/// The sender reports of a track's simulcast streams.
#[derive(Debug, Clone, Default)]
pub struct StreamClocks {
    reports: [Option<SenderReport>; super::layer::MAX_SPATIAL],
}

impl StreamClocks {
    /// Notes the latest report of a stream.
    pub fn report(&mut self, stream: u8, report: SenderReport) {
        if let Some(slot) = self.reports.get_mut(usize::from(stream)) {
            *slot = Some(report);
        }
    }

    /// What the publisher's wall clock was at `time` of a stream.
    pub fn ntp(&self, stream: u8, time: u64, clock_rate: u32) -> Option<SystemTime> {
        let report = self.reports.get(usize::from(stream)).copied().flatten()?;
        // Reports and packets may be extended from different beginnings: only these 32 bits are comparable.
        #[expect(clippy::cast_possible_truncation, reason = "RTP time has 32 bits")]
        let apart = (time as u32).wrapping_sub(report.rtp as u32).cast_signed();
        let nanos = u64::from(apart.unsigned_abs()) * 1_000_000_000 / u64::from(clock_rate);
        let apart_by = Duration::from_nanos(nanos);
        if apart < 0 {
            report.ntp.checked_sub(apart_by)
        } else {
            report.ntp.checked_add(apart_by)
        }
    }

    /// `time` of stream `from`, as stream `to` would have stamped the same moment.
    fn translate(&self, time: u64, from: u8, to: u8, clock_rate: u32) -> Option<u64> {
        if from == to {
            return Some(time);
        }
        let of = |stream: u8| self.reports.get(usize::from(stream)).copied().flatten();
        let (source, target) = (of(from)?, of(to)?);
        let apart = match source.ntp.duration_since(target.ntp) {
            Ok(later) => ticks(later, clock_rate),
            Err(earlier) => ticks(earlier.duration(), clock_rate).wrapping_neg(),
        };
        Some(
            target
                .rtp
                .wrapping_add(apart)
                .wrapping_add(time.wrapping_sub(source.rtp)),
        )
    }
}

/// RTP time of one outgoing stream.
#[derive(Debug, Clone)]
pub struct TimestampMunger {
    clock_rate: u32,
    offset: u64,
    last_out: u64,
    last_sent: Option<Instant>,
    /// The stream that all others are aligned to, with its offset.
    reference: Option<(u8, u64)>,
}

/// A difference between the ideal and the expected time above this is a bad clock, not a delay.
const IMPLAUSIBLE: Duration = Duration::from_secs(2);
/// After a publisher's mute its clock may have stood still, so less is tolerated.
const IMPLAUSIBLE_AFTER_MUTE: Duration = Duration::from_millis(200);

impl TimestampMunger {
    /// The first packet will be stamped `first`.
    pub fn new(clock_rate: u32, first: u32) -> Self {
        Self {
            clock_rate,
            offset: 0,
            // Far from zero, so that late frames before the first do not wrap.
            last_out: (1 << 32) + u64::from(first),
            last_sent: None,
            reference: None,
        }
    }

    /// `stream`'s packet with RTP time `time` is the first after a switch or a pause.
    pub fn switch(
        &mut self,
        clocks: &StreamClocks,
        stream: u8,
        time: u64,
        arrived: Instant,
        after_mute: bool,
    ) {
        let Some(last_sent) = self.last_sent else {
            self.offset = time.wrapping_sub(self.last_out);
            self.reference = Some((stream, self.offset));
            return;
        };
        let expected = self.last_out
            + ticks(
                arrived.saturating_duration_since(last_sent),
                self.clock_rate,
            )
            .max(1);
        let aligned = self.reference.and_then(|(reference, offset)| {
            let time = clocks.translate(time, stream, reference, self.clock_rate)?;
            Some(time.wrapping_sub(offset))
        });
        let limit = if after_mute {
            IMPLAUSIBLE_AFTER_MUTE
        } else {
            IMPLAUSIBLE
        };
        let plausible = |out: &u64| {
            let apart = out.wrapping_sub(expected).cast_signed().unsigned_abs();
            apart <= ticks(limit, self.clock_rate)
        };
        let out = aligned.filter(plausible).unwrap_or_else(|| {
            // Whatever the reference said is void now.
            self.reference = Some((stream, time.wrapping_sub(expected)));
            expected
        });
        let out = if out.wrapping_sub(self.last_out).cast_signed() <= 0 {
            self.last_out + 1
        } else {
            out
        };
        self.offset = time.wrapping_sub(out);
    }

    /// Stamps a packet of the current source.
    pub fn forward(&mut self, time: u64, arrived: Instant) -> u32 {
        let out = time.wrapping_sub(self.offset);
        if out.wrapping_sub(self.last_out).cast_signed() >= 0 {
            self.last_out = out;
            self.last_sent = Some(arrived);
        }
        let [a, b, c, d, ..] = out.to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }
}

/// A duration in RTP ticks.
fn ticks(duration: Duration, clock_rate: u32) -> u64 {
    let nanos = duration.as_nanos() * u128::from(clock_rate);
    u64::try_from(nanos / 1_000_000_000).unwrap_or(u64::MAX >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 90_000;

    fn report(seconds: u64, rtp: u64) -> SenderReport {
        SenderReport {
            ntp: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds),
            rtp,
        }
    }

    #[test]
    fn the_first_packet_takes_the_start_time() {
        let now = Instant::now();
        let mut munger = TimestampMunger::new(RATE, 1000);
        munger.switch(&StreamClocks::default(), 0, 777_777, now, false);
        assert_eq!(munger.forward(777_777, now), 1000);
        assert_eq!(munger.forward(777_777 + 3000, now), 4000);
    }

    #[test]
    fn sender_reports_align_layers_whatever_the_arrival() {
        let mut clocks = StreamClocks::default();
        clocks.report(0, report(100, 50_000));
        clocks.report(2, report(101, 9_000_000));
        let now = Instant::now();
        let mut munger = TimestampMunger::new(RATE, 0);
        munger.switch(&clocks, 0, 50_000, now, false);
        munger.forward(50_000, now);
        // Layer 2's tick 9,000,000 is one second after layer 0's tick 50,000, though it arrives late.
        let arrived = now + Duration::from_millis(1300);
        munger.switch(&clocks, 2, 9_000_000, arrived, false);
        assert_eq!(munger.forward(9_000_000, arrived), RATE);
    }

    #[test]
    fn without_reports_the_arrival_time_decides() {
        let now = Instant::now();
        let mut munger = TimestampMunger::new(RATE, 0);
        munger.switch(&StreamClocks::default(), 0, 50_000, now, false);
        munger.forward(50_000, now);
        let arrived = now + Duration::from_millis(100);
        munger.switch(&StreamClocks::default(), 1, 123_456_789, arrived, false);
        assert_eq!(munger.forward(123_456_789, arrived), 9000);
    }

    #[test]
    fn time_never_goes_back_at_a_switch() {
        let mut clocks = StreamClocks::default();
        clocks.report(0, report(100, 0));
        clocks.report(1, report(100, 0));
        let now = Instant::now();
        let mut munger = TimestampMunger::new(RATE, 0);
        munger.switch(&clocks, 0, 90_000, now, false);
        munger.forward(90_000, now);
        // The other layer's keyframe was captured 30 ms before the last frame that was sent.
        munger.switch(&clocks, 1, 90_000 - 2700, now, false);
        assert_eq!(munger.forward(90_000 - 2700, now), 1);
    }

    #[test]
    fn a_clock_that_stood_still_while_muted_is_corrected() {
        let now = Instant::now();
        let mut munger = TimestampMunger::new(RATE, 0);
        munger.switch(&StreamClocks::default(), 0, 5000, now, false);
        munger.forward(5000, now);
        let arrived = now + Duration::from_secs(1);
        munger.switch(&StreamClocks::default(), 0, 8000, arrived, true);
        assert_eq!(munger.forward(8000, arrived), RATE);
    }

    #[test]
    fn a_pause_keeps_the_publishers_own_time() {
        let now = Instant::now();
        let mut munger = TimestampMunger::new(RATE, 0);
        munger.switch(&StreamClocks::default(), 0, 5000, now, false);
        munger.forward(5000, now);
        let arrived = now + Duration::from_millis(1050);
        munger.switch(&StreamClocks::default(), 0, 5000 + 90_000, arrived, false);
        assert_eq!(munger.forward(5000 + 90_000, arrived), RATE);
    }
}
