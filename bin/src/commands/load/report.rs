//! What a load measured.

use std::{fmt, time::Duration};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeVal,
};
use participant::Received;
use serde::Serialize;

use super::Load;

#[derive(Debug, Serialize)]
pub(super) struct Report {
    rooms: u32,
    publishers: u32,
    subscribers: u32,
    joins_per_second: f64,
    join_p95_ms: f64,
    received_mbps: f64,
    packets: u64,
    lost_percent: f64,
    frames: u64,
    /// Frames before which something is missing, where frames are put together.
    torn_frames: u64,
    /// Of one core, used by this process while it measured.
    own_cpu_percent: f64,
}

/// How fast all came in.
pub(super) struct Joins {
    per_second: f64,
    p95: Duration,
}

impl Joins {
    pub fn of(each: impl Iterator<Item = Duration>, all: Duration) -> Self {
        let mut each: Vec<Duration> = each.collect();
        each.sort_unstable();
        let at = (each.len() * 95).div_ceil(100).saturating_sub(1);
        #[expect(clippy::cast_precision_loss, reason = "a report rounds anyway")]
        let per_second = each.len() as f64 / all.as_secs_f64().max(f64::EPSILON);
        Self {
            per_second,
            p95: each.get(at).copied().unwrap_or_default(),
        }
    }
}

impl Report {
    #[expect(clippy::cast_precision_loss, reason = "a report rounds anyway")]
    pub fn new(
        load: &Load,
        before: Received,
        after: Received,
        torn_frames: u64,
        joins: &Joins,
        busy: Duration,
    ) -> Self {
        let bytes = after.bytes - before.bytes;
        let lost = after.lost.saturating_sub(before.lost);
        let packets = after.packets - before.packets;
        let seconds = load.seconds.max(1) as f64;
        Self {
            rooms: load.rooms,
            publishers: load.publishers,
            subscribers: load.subscribers,
            joins_per_second: joins.per_second,
            join_p95_ms: joins.p95.as_secs_f64() * 1e3,
            received_mbps: bytes as f64 * 8.0 / 1e6 / seconds,
            packets,
            lost_percent: lost as f64 * 100.0 / (packets + lost).max(1) as f64,
            frames: after.frames - before.frames,
            torn_frames,
            own_cpu_percent: busy.as_secs_f64() * 100.0 / seconds,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} rooms of {} publishers and {} subscribers received {:.1} Mbps, {:.2} % lost, {} frames; \
             {:.1} joins/s, 95 % within {:.0} ms; {:.0} % of a core here",
            self.rooms,
            self.publishers,
            self.subscribers,
            self.received_mbps,
            self.lost_percent,
            self.frames,
            self.joins_per_second,
            self.join_p95_ms,
            self.own_cpu_percent,
        )
    }
}

/// What this process has used so far.
pub(super) fn processor_time() -> anyhow::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let duration = |time: TimeVal| {
        let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
        Duration::from_micros(u64::try_from(micros).unwrap_or_default())
    };
    Ok(duration(usage.user_time()) + duration(usage.system_time()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nineteen_of_twenty_joins_are_no_slower_than_the_p95() {
        let each = (1..=20).rev().map(Duration::from_millis);
        let joins = Joins::of(each, Duration::from_secs(2));
        assert_eq!(joins.p95, Duration::from_millis(19));
        assert!((joins.per_second - 10.0).abs() < 1e-9);
        let none = Joins::of(std::iter::empty(), Duration::ZERO);
        assert_eq!(none.p95, Duration::ZERO);
    }
}
