//! Measures how loud a speaker is from the audio level extension, as LiveKit does.

use std::time::{Duration, Instant};

/// What counts as speech and how it is smoothed; the names are the YAML's (`audio.*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudioLevelConfig {
    /// Quietest level that counts, in −dBov: 0 is the loudest, 127 silence.
    pub active_level: u8,
    /// Part of the interval that must be at least that loud, in percent.
    pub min_percentile: u8,
    /// Length of the window, and how often subscribers are told.
    pub update_interval: Duration,
    /// Windows that the moving average spans; 0: none.
    pub smooth_intervals: u32,
}

impl Default for AudioLevelConfig {
    fn default() -> Self {
        Self {
            active_level: 35,
            min_percentile: 40,
            update_interval: Duration::from_millis(400),
            smooth_intervals: 2,
        }
    }
}

const SILENCE: u8 = 127;

/// The level of one audio track.
#[derive(Debug, Clone)]
pub struct AudioLevelObserver {
    config: AudioLevelConfig,
    clock_rate: u32,
    smoothed: f64,
    loudest: u8,
    active: Duration,
    observed: Duration,
    last_time: Option<u64>,
    last_arrival: Option<Instant>,
}

impl AudioLevelObserver {
    /// A silent track.
    pub const fn new(config: AudioLevelConfig, clock_rate: u32) -> Self {
        Self {
            config,
            clock_rate,
            smoothed: 0.0,
            loudest: SILENCE,
            active: Duration::ZERO,
            observed: Duration::ZERO,
            last_time: None,
            last_arrival: None,
        }
    }

    /// Notes a packet's level (−dBov, 0 is the loudest) and extended RTP time; late packets are ignored.
    pub fn observe(&mut self, level: u8, time: u64, arrived: Instant) {
        let last_time = *self.last_time.get_or_insert(time);
        let Some(ticks) = time.checked_sub(last_time) else {
            return;
        };
        self.last_time = Some(time);
        self.last_arrival = Some(arrived);
        // A jump of the clock or a long silence must not count as seconds of speech.
        let lasted =
            Duration::from_millis(ticks.saturating_mul(1000) / u64::from(self.clock_rate.max(1)))
                .min(self.config.update_interval);
        self.observed += lasted;
        if level <= self.config.active_level {
            self.active += lasted;
            self.loudest = self.loudest.min(level);
        }
        if self.observed >= self.config.update_interval {
            let level = self.window_level();
            self.reset(level);
        }
    }

    fn window_level(&self) -> f64 {
        let interval = self.config.update_interval;
        if self.active < interval * u32::from(self.config.min_percentile) / 100 {
            return 0.0;
        }
        // A window that was loud for only a part of its time counts as quieter.
        let activity = 20.0 * (self.active.as_secs_f64() / interval.as_secs_f64()).log10();
        let loudness = linear(f64::from(self.loudest) - activity);
        let smoothing = match self.config.smooth_intervals {
            0 => 1.0,
            intervals => 2.0 / (f64::from(intervals) + 1.0),
        };
        self.smoothed + (loudness - self.smoothed) * smoothing
    }

    /// The smoothed level, 0 to 1, while the track counts as speaking.
    pub fn level(&mut self, now: Instant) -> Option<f64> {
        let stale = self
            .last_arrival
            .is_none_or(|at| now.saturating_duration_since(at) >= self.config.update_interval * 2);
        if stale {
            self.reset(0.0);
        }
        (self.smoothed >= linear(f64::from(self.config.active_level))).then_some(self.smoothed)
    }

    /// Forgets everything, for instance when the track is muted.
    pub const fn silence(&mut self) {
        self.reset(0.0);
    }

    const fn reset(&mut self, smoothed: f64) {
        self.smoothed = smoothed;
        self.loudest = SILENCE;
        self.active = Duration::ZERO;
        self.observed = Duration::ZERO;
    }
}

/// −dBov to a linear level, 0 to 1.
fn linear(level: f64) -> f64 {
    10f64.powf(-level / 20.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: Duration = Duration::from_millis(20);

    struct Speaker {
        observer: AudioLevelObserver,
        now: Instant,
        time: u64,
    }

    impl Speaker {
        fn new() -> Self {
            let observer = AudioLevelObserver::new(AudioLevelConfig::default(), 48_000);
            Self {
                observer,
                now: Instant::now(),
                time: 0,
            }
        }

        fn say(&mut self, level: u8, packets: u32) -> Option<f64> {
            for _ in 0..packets {
                self.observer.observe(level, self.time, self.now);
                self.time += 960;
                self.now += PACKET;
            }
            self.observer.level(self.now)
        }
    }

    #[test]
    fn a_loud_window_makes_a_speaker() {
        assert!(Speaker::new().say(20, 21).is_some());
    }

    #[test]
    fn sounds_below_the_threshold_do_not() {
        assert_eq!(Speaker::new().say(36, 63), None);
    }

    #[test]
    fn less_than_forty_percent_of_a_window_is_not_speech() {
        let mut speaker = Speaker::new();
        speaker.say(10, 7);
        assert_eq!(speaker.say(90, 14), None);
        speaker.say(10, 9);
        assert!(speaker.say(90, 12).is_some());
    }

    #[test]
    fn the_level_settles_near_the_linear_loudness() {
        let level = Speaker::new().say(20, 201).unwrap();
        assert!((level - 0.1).abs() < 0.005, "{level}");
    }

    #[test]
    fn a_speaker_who_stops_sending_falls_silent() {
        let mut speaker = Speaker::new();
        speaker.say(10, 41);
        let later = speaker.now + Duration::from_millis(800);
        assert_eq!(speaker.observer.level(later), None);
    }

    #[test]
    fn late_packets_are_ignored() {
        let mut speaker = Speaker::new();
        speaker.say(127, 10);
        for _ in 0..100 {
            speaker.observer.observe(0, 960, speaker.now);
        }
        assert_eq!(speaker.observer.level(speaker.now), None);
    }
}
