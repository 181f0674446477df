//! How this process and its media server are doing, looked at every few seconds and remembered.

use std::time::Duration;

use http_edge::metrics::ProcessUsage;
use parking_lot::Mutex;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::store::MediaTotals;
use crate::{app::App, clock::Timestamp};

const EVERY: Duration = Duration::from_secs(10);
/// What is older says nothing of now.
const FRESH: Duration = Duration::from_secs(30);

/// What was last seen.
#[derive(Debug, Default)]
pub struct Vitals(Mutex<Option<Look>>);

/// What one look showed.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub at: Timestamp,
    pub since: Instant,
    pub usage: ProcessUsage,
    /// Percent of one core since the look before.
    pub cpu_percent: Option<f64>,
    /// How long the media server took to answer; `None`: it did not.
    pub latency: Option<Duration>,
    pub media: Option<MediaLook>,
}

/// What the media server tells of itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MediaLook {
    pub tracks: f64,
    pub bytes_in: f64,
    pub bytes_out: f64,
    pub memory_bytes: Option<f64>,
    pub cpu_seconds: f64,
    /// Percent of one core since the look before.
    pub cpu_percent: Option<f64>,
    pub dropped_datagrams: f64,
}

impl Vitals {
    /// What was seen a moment ago.
    pub fn now(&self, now: Timestamp) -> Option<Look> {
        let look = *self.0.lock();
        look.filter(|look| look.at + FRESH > now)
    }

    /// The media server's totals, where it tells them.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "totals of a process are far below 2^53"
    )]
    pub fn media_totals(&self, now: Timestamp) -> Option<MediaTotals> {
        let media = self.now(now)?.media?;
        Some(MediaTotals {
            tracks: media.tracks as i64,
            bytes_in: media.bytes_in as i64,
            bytes_out: media.bytes_out as i64,
        })
    }
}

/// Looks again and again, until `shutdown`.
pub async fn watch(app: &App, shutdown: &CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
        look(app).await;
    }
}

/// Looks once.
pub async fn look(app: &App) {
    let before = *app.vitals.0.lock();
    let asked = Instant::now();
    let answer = app.livekit.metrics(app.now()).await;
    let latency = answer.is_ok().then(|| asked.elapsed());
    let text = answer.ok().flatten();
    let (since, usage) = (Instant::now(), ProcessUsage::now());
    let passed = before.map(|before| (since - before.since).as_secs_f64());
    let percent = |earlier: Option<f64>, now: f64| {
        let (earlier, passed) = (earlier?, passed?);
        // A process that was started anew has less than before.
        (passed > 0.0 && now >= earlier).then(|| (now - earlier) / passed * 100.0)
    };
    let media = text.and_then(|text| read(&text)).map(|media| {
        let earlier = before.and_then(|before| before.media);
        let earlier = earlier.map(|earlier| earlier.cpu_seconds);
        MediaLook {
            cpu_percent: percent(earlier, media.cpu_seconds),
            ..media
        }
    });
    let earlier = before.map(|before| before.usage.cpu_seconds);
    *app.vitals.0.lock() = Some(Look {
        at: app.now(),
        since,
        usage,
        cpu_percent: percent(earlier, usage.cpu_seconds),
        latency,
        media,
    });
}

fn read(text: &str) -> Option<MediaLook> {
    let value = |sample: &str| {
        text.lines().find_map(|line| {
            let value = line.strip_prefix(sample)?.strip_prefix(' ')?;
            value.parse::<f64>().ok()
        })
    };
    Some(MediaLook {
        tracks: value(r#"convoke_media_tracks_published{kind="audio"}"#)?
            + value(r#"convoke_media_tracks_published{kind="video"}"#)?,
        bytes_in: value(r#"convoke_media_datagram_bytes_total{direction="in"}"#)?,
        bytes_out: value(r#"convoke_media_datagram_bytes_total{direction="out"}"#)?,
        memory_bytes: value("convoke_media_process_resident_memory_bytes"),
        cpu_seconds: value("convoke_media_process_cpu_seconds_total")?,
        cpu_percent: None,
        dropped_datagrams: value("convoke_media_shard_dropped_datagrams_total")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_media_server_tells_is_read_and_nothing_else_is_believed() {
        let text = "convoke_media_tracks_published{kind=\"audio\"} 2\n\
            convoke_media_tracks_published{kind=\"video\"} 1\n\
            convoke_media_datagram_bytes_total{direction=\"in\"} 10\n\
            convoke_media_datagram_bytes_total{direction=\"out\"} 20\n\
            convoke_media_process_cpu_seconds_total 1.5\n\
            convoke_media_shard_dropped_datagrams_total 0\n# EOF\n";
        let look = read(text).unwrap();
        assert_eq!(
            (look.tracks, look.bytes_in, look.bytes_out),
            (3.0, 10.0, 20.0)
        );
        assert_eq!((look.cpu_seconds, look.memory_bytes), (1.5, None));
        assert_eq!(read("livekit_room_total 3\n# EOF\n"), None);
    }
}
