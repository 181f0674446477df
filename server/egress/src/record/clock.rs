//! Puts every track on one recording's clock: by arrival at first, then slowly by the publisher's own clock, so that lips and
//! words stay together for hours. It must not know files or rooms; time is passed in.

use std::{collections::HashMap, time::Duration};

/// A picture may move so much per second of recording, unseen.
const SLEW_PER_SECOND: f64 = 0.005;
/// A larger error is no drift: the track was paused with its clock standing, or begins anew. Then arrival counts again.
const JUMP: f64 = 2.0;
/// How fast the least delay seen is forgotten, in seconds per second: two crystals differ by less.
const DRIFT: f64 = 0.000_2;

/// When a frame was taken, by its publisher.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    /// The publisher's wall clock, in seconds.
    pub ntp: f64,
    /// The frame's RTP time that it belongs to, in ticks.
    pub rtp_time: u64,
}

/// One recording's clock; its zero is the start of the recording.
#[derive(Debug, Default)]
pub struct Clock {
    participants: HashMap<String, Publisher>,
    tracks: HashMap<String, Track>,
}

/// The difference between the recording's clock and a publisher's: shared by its sound and its pictures.
#[derive(Debug, Clone, Copy)]
struct Publisher {
    offset: f64,
    at: f64,
}

#[derive(Debug, Clone, Copy)]
struct Track {
    /// Seconds on the recording's clock at RTP time zero.
    origin: f64,
    last: f64,
}

impl Clock {
    /// When on the recording's clock a frame belongs that arrived at `arrived`. Frames of one track never go back.
    pub fn place(
        &mut self,
        participant: &str,
        track: &str,
        (rtp_time, clock_rate): (u64, u32),
        report: Option<Report>,
        arrived: Duration,
    ) -> Duration {
        let arrived = arrived.as_secs_f64();
        let media = seconds(rtp_time, clock_rate);
        let placed = self.tracks.entry(track.to_owned()).or_insert(Track {
            origin: arrived - media,
            last: 0.0,
        });
        let wanted = report.map_or(arrived - media, |report| {
            let taken = report.ntp + media - seconds(report.rtp_time, clock_rate);
            let offset = offset(
                &mut self.participants,
                participant,
                arrived - taken,
                arrived,
            );
            taken + offset - media
        });
        let error = wanted - placed.origin;
        if error.abs() > JUMP {
            placed.origin = wanted;
        } else if report.is_some() {
            let since = (placed.origin + media - placed.last).max(0.0);
            let most = since * SLEW_PER_SECOND;
            placed.origin += error.clamp(-most, most);
        }
        placed.last = (placed.origin + media).max(placed.last).max(0.0);
        Duration::from_secs_f64(placed.last)
    }

    /// A track is gone; one of the same name begins anew.
    pub fn forget(&mut self, track: &str) {
        self.tracks.remove(track);
    }
}

/// The least delay seen is nearest the truth: everything else only adds to it.
fn offset(
    participants: &mut HashMap<String, Publisher>,
    participant: &str,
    seen: f64,
    now: f64,
) -> f64 {
    let known = participants
        .entry(participant.to_owned())
        .or_insert(Publisher {
            offset: seen,
            at: now,
        });
    let forgotten = known.offset + DRIFT * (now - known.at).max(0.0);
    *known = Publisher {
        offset: forgotten.min(seen),
        at: now,
    };
    if (seen - known.offset).abs() > JUMP {
        // Its clock was set.
        known.offset = seen;
    }
    known.offset
}

#[expect(clippy::cast_precision_loss, reason = "2^53 ticks are 3,000 years")]
fn seconds(ticks: u64, clock_rate: u32) -> f64 {
    ticks as f64 / f64::from(clock_rate.max(1))
}

/// All that fit.
pub fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A publisher with crystals of its own: its media clocks run wrong by so many parts per million.
    struct Scene {
        clock: Clock,
        audio_ppm: f64,
        video_ppm: f64,
    }

    impl Scene {
        /// Where the recording puts the sound and the picture of second `at`; the picture's way takes longer.
        fn at(&mut self, at: f64) -> (f64, f64) {
            let mut place = |track: &str, rate: u32, ppm: f64, delay: f64| {
                let ticks = |second: f64| (second * f64::from(rate) * (1.0 + ppm / 1e6)).round();
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "ticks of a test"
                )]
                let [now, reported] = [at, at.floor()].map(|second| ticks(second) as u64 + 77_000);
                let report = Report {
                    ntp: 1_000_000.0 + at.floor(),
                    rtp_time: reported,
                };
                let report = (at > 5.0).then_some(report);
                let arrived = Duration::from_secs_f64(at + delay);
                let placed = self.clock.place("p", track, (now, rate), report, arrived);
                placed.as_secs_f64()
            };
            let sound = place("a", 48_000, self.audio_ppm, 0.02);
            (sound, place("v", 90_000, self.video_ppm, 0.12))
        }
    }

    #[test]
    fn lips_and_words_stay_together_for_a_day_though_crystals_differ() {
        let mut scene = Scene {
            clock: Clock::default(),
            audio_ppm: 60.0,
            video_ppm: -60.0,
        };
        let mut worst: f64 = 0.0;
        for tenth in 0..864_000_u32 {
            let at = f64::from(tenth) / 10.0;
            let (sound, picture) = scene.at(at);
            if at > 60.0 {
                worst = worst
                    .max((sound - picture).abs())
                    .max((sound - at - 0.02).abs() / 3.0);
            }
        }
        assert!(worst < 0.02, "{worst} s apart");
    }

    #[test]
    fn frames_never_go_back_and_a_gap_stays_a_gap() {
        let mut clock = Clock::default();
        let mut place = |ticks, arrived| {
            let arrived = Duration::from_millis(arrived);
            clock
                .place("p", "v", (ticks, 90_000), None, arrived)
                .as_millis()
        };
        assert_eq!(place(9_000, 500), 500);
        // It arrives late, and counts as on time.
        assert_eq!(place(12_000, 700), 533);
        // A minute of mute.
        assert_eq!(place(12_000 + 60 * 90_000, 60_533), 60_533);
        // Sent before, came after.
        assert_eq!(place(12_000 + 60 * 90_000 - 3_000, 60_540), 60_533);
    }

    #[test]
    fn a_publisher_whose_media_clock_stood_is_found_again() {
        let mut clock = Clock::default();
        let mut place = |ticks, arrived| {
            let arrived = Duration::from_secs(arrived);
            clock
                .place("p", "v", (ticks, 90_000), None, arrived)
                .as_secs()
        };
        assert_eq!(place(0, 1), 1);
        assert_eq!(place(90_000, 100), 100);
    }
}
