//! Scores how well a track gets through, in the manner of the E-model, and decides when a room is told.
//!
//! It knows losses, delays and layers as numbers; whose they are is the caller's business.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::codec::Codec;

/// How often tracks are scored and rooms told.
pub const QUALITY_INTERVAL: Duration = Duration::from_secs(5);

const BEST: f64 = 100.0;
/// A score does not fall below this while packets flow, or recovery would take too long.
const WORST: f64 = 30.0;
const SCORE_DRY: f64 = 40.0;
const SCORE_LOST: f64 = 20.0;
/// A score above this is EXCELLENT; above the next, GOOD; above the last, POOR.
const ABOVE_GOOD: f64 = 80.0;
const ABOVE_POOR: f64 = 40.0;
const ABOVE_LOST: f64 = 20.0;
/// Recovery is believed slowly, decline quickly.
const RISE: f64 = 0.4;
const FALL: f64 = 0.8;
/// Each missing spatial layer costs one quality.
const LAYER_COST: f64 = 35.0;
/// A track must have been unmuted for so much of a window for the window to count.
const UNMUTED_PART: f64 = 0.5;

/// LiveKit's ConnectionQuality; the discriminant is the wire's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionQuality {
    /// Noticeably bad.
    Poor = 0,
    /// Usable.
    Good = 1,
    /// As good as it gets.
    Excellent = 2,
    /// Nothing arrives.
    Lost = 3,
}

impl ConnectionQuality {
    const fn from_score(score: f64) -> Self {
        if score > ABOVE_GOOD {
            Self::Excellent
        } else if score > ABOVE_POOR {
            Self::Good
        } else if score > ABOVE_LOST {
            Self::Poor
        } else {
            Self::Lost
        }
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Lost => 0,
            Self::Poor => 1,
            Self::Good => 2,
            Self::Excellent => 3,
        }
    }
}

/// What happened to a track since the last score.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct QualityWindow {
    /// Packets that came, padding included.
    pub packets: u64,
    /// Packets that did not.
    pub lost: u64,
    /// Packets that came late; retransmissions among them make up for losses.
    pub out_of_order: u64,
    /// Round trip time, where it belongs to this direction.
    pub rtt: Option<Duration>,
    /// Jitter in milliseconds, where it belongs to this hop.
    pub jitter_ms: f64,
    /// The other side sent no RTCP either.
    pub silent: bool,
}

/// One track's (or several tracks' worst) score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// In words.
    pub quality: ConnectionQuality,
    /// Mean opinion score, 1 to 4.5.
    pub score: f32,
}

impl Quality {
    /// A participant without tracks.
    pub const BEST: Self = Self {
        quality: ConnectionQuality::Excellent,
        score: 4.5,
    };

    /// A participant is as well off as its worst track.
    pub fn worst(tracks: impl IntoIterator<Item = Self>) -> Self {
        tracks.into_iter().fold(Self::BEST, |worst, track| {
            let order = track.quality.rank().cmp(&worst.quality.rank());
            if order.then(track.score.total_cmp(&worst.score)).is_lt() {
                track
            } else {
                worst
            }
        })
    }
}

/// Scores one track in one direction.
#[derive(Debug, Clone)]
pub struct QualityScorer {
    loss_weight: f64,
    score: f64,
    updated_at: Instant,
    muted: bool,
    unmuted_at: Option<Instant>,
    paused: bool,
    distance: f64,
    distance_since: Instant,
    /// Layers missing × seconds since the last score.
    distance_seconds: f64,
    /// The packet rate of a lively moment, to discount losses in quiet ones (DTX, still screens).
    lively_rate: f64,
}

impl QualityScorer {
    /// A track of this codec, taken to be excellent until something else is known.
    pub fn new(codec: Codec, now: Instant) -> Self {
        // Redundancy absorbs half of the losses; a lost video packet costs a frame.
        let loss_weight = match codec {
            Codec::Opus | Codec::Pcmu | Codec::Pcma => 8.0,
            Codec::Red => 4.0,
            Codec::Vp8 | Codec::H264 | Codec::Vp9 | Codec::Av1 | Codec::H265 => 10.0,
        };
        Self {
            loss_weight,
            score: BEST,
            updated_at: now,
            muted: false,
            unmuted_at: None,
            paused: false,
            distance: 0.0,
            distance_since: now,
            distance_seconds: 0.0,
            lively_rate: 0.0,
        }
    }

    /// The track was muted, disabled or unmuted: silence is no fault.
    pub fn set_muted(&mut self, muted: bool, now: Instant) {
        if muted && self.score > SCORE_LOST {
            self.score = BEST;
        }
        if self.muted && !muted {
            self.unmuted_at = Some(now);
        }
        self.muted = muted;
    }

    /// The track was paused for lack of bandwidth, or goes on.
    pub const fn set_paused(&mut self, paused: bool) {
        if paused && !self.paused {
            self.score = WORST;
        }
        self.paused = paused;
    }

    /// How many spatial layers are missing from now on.
    pub fn set_layer_distance(&mut self, layers: f64, now: Instant) {
        self.add_distance(now);
        self.distance = layers.max(0.0);
    }

    fn add_distance(&mut self, now: Instant) {
        let passed = now
            .saturating_duration_since(self.distance_since)
            .as_secs_f64();
        self.distance_seconds += self.distance * passed;
        self.distance_since = now;
    }

    /// Scores the window that ends now.
    pub fn update(&mut self, window: &QualityWindow, now: Instant) {
        let passed = now.saturating_duration_since(self.updated_at).as_secs_f64();
        self.add_distance(now);
        let distance = if passed > 0.0 {
            self.distance_seconds / passed
        } else {
            self.distance
        };
        self.distance_seconds = 0.0;
        self.updated_at = now;
        let unmuted = self
            .unmuted_at
            .map_or(passed, |at| now.saturating_duration_since(at).as_secs_f64());
        if self.muted || self.paused || passed <= 0.0 || unmuted < passed * UNMUTED_PART {
            return;
        }
        if window.packets == 0 {
            self.score = if window.silent { SCORE_LOST } else { SCORE_DRY };
            return;
        }
        let layers = (BEST - distance * LAYER_COST).clamp(0.0, BEST);
        let score = self.packet_score(window, passed).min(layers);
        let step = if score < self.score { FALL } else { RISE };
        self.score = (self.score + (score - self.score) * step).max(WORST);
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "packet counts of one window are small"
    )]
    fn packet_score(&mut self, window: &QualityWindow, seconds: f64) -> f64 {
        let rtt_ms = window.rtt.map_or(0.0, |rtt| rtt.as_secs_f64() * 1000.0);
        let delay = rtt_ms / 2.0 + window.jitter_ms * 2.0;
        let delay_cost = if delay > 160.0 {
            (delay - 120.0) / 10.0
        } else {
            delay / 40.0
        };
        let rate = window.packets as f64 / seconds;
        self.lively_rate = (self.lively_rate * 0.98).max(rate);
        let liveliness = (rate / self.lively_rate).min(1.0).sqrt();
        let lost = window.lost.saturating_sub(window.out_of_order) as f64;
        let loss_percent = lost * 100.0 / (window.packets as f64 + lost);
        (BEST - delay_cost - loss_percent * self.loss_weight * liveliness).max(0.0)
    }

    /// The score now.
    pub fn quality(&self) -> Quality {
        Quality {
            quality: ConnectionQuality::from_score(self.score),
            score: opinion(self.score),
        }
    }
}

/// The E-model's R factor as a mean opinion score.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the value lies between 1 and 4.5"
)]
fn opinion(score: f64) -> f32 {
    let score = score.clamp(0.0, 100.0);
    (1.0 + 0.035 * score + 0.000_007 * score * (score - 60.0) * (100.0 - score)) as f32
}

/// What a room's participants were last told; `K` names a participant.
#[derive(Debug, Clone)]
pub struct ConnectionQualities<K> {
    told: BTreeMap<K, ConnectionQuality>,
}

impl<K> Default for ConnectionQualities<K> {
    fn default() -> Self {
        Self {
            told: BTreeMap::new(),
        }
    }
}

impl<K: Ord + Clone> ConnectionQualities<K> {
    /// Takes everyone's quality each [`QUALITY_INTERVAL`]; true when somebody came or changed, so that all
    /// are to be told about themselves and those they subscribe to. A leaver is no news here.
    pub fn update(&mut self, now: &BTreeMap<K, Quality>) -> bool {
        let news = now
            .iter()
            .any(|(key, quality)| self.told.get(key) != Some(&quality.quality));
        self.told = now
            .iter()
            .map(|(key, quality)| (key.clone(), quality.quality))
            .collect();
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Track {
        scorer: QualityScorer,
        now: Instant,
    }

    impl Track {
        fn new(codec: Codec) -> Self {
            let now = Instant::now();
            Self {
                scorer: QualityScorer::new(codec, now),
                now,
            }
        }

        fn window(&mut self, window: QualityWindow) -> ConnectionQuality {
            self.now += QUALITY_INTERVAL;
            self.scorer.update(&window, self.now);
            self.scorer.quality().quality
        }

        fn losing(&mut self, percent: u64, windows: usize) -> ConnectionQuality {
            let window = QualityWindow {
                packets: 250 * (100 - percent) / 100,
                lost: 250 * percent / 100,
                ..QualityWindow::default()
            };
            (0..windows).map(|_| self.window(window)).last().unwrap()
        }
    }

    #[test]
    fn an_undisturbed_track_is_excellent() {
        let mut track = Track::new(Codec::Opus);
        assert_eq!(track.losing(0, 3), ConnectionQuality::Excellent);
        assert!(track.scorer.quality().score > 4.3);
    }

    #[test]
    fn losses_lower_the_quality_by_degrees() {
        assert_eq!(
            Track::new(Codec::Opus).losing(1, 5),
            ConnectionQuality::Excellent
        );
        assert_eq!(
            Track::new(Codec::Opus).losing(4, 5),
            ConnectionQuality::Good
        );
        assert_eq!(
            Track::new(Codec::Opus).losing(12, 5),
            ConnectionQuality::Poor
        );
    }

    #[test]
    fn redundant_audio_bears_more_loss_than_plain() {
        assert_eq!(
            Track::new(Codec::Opus).losing(8, 5),
            ConnectionQuality::Poor
        );
        assert_eq!(Track::new(Codec::Red).losing(8, 5), ConnectionQuality::Good);
    }

    #[test]
    fn retransmissions_make_up_for_losses() {
        let mut track = Track::new(Codec::Vp8);
        let window = QualityWindow {
            packets: 900,
            lost: 90,
            out_of_order: 90,
            ..Default::default()
        };
        assert_eq!(track.window(window), ConnectionQuality::Excellent);
    }

    #[test]
    fn decline_shows_at_once_and_recovery_takes_its_time() {
        let mut track = Track::new(Codec::Vp8);
        assert_eq!(track.losing(20, 1), ConnectionQuality::Poor);
        assert_eq!(track.losing(0, 1), ConnectionQuality::Good);
        assert_eq!(track.losing(0, 1), ConnectionQuality::Good);
        assert_eq!(track.losing(0, 2), ConnectionQuality::Excellent);
    }

    #[test]
    fn silence_is_lost_when_rtcp_is_missing_too() {
        let mut track = Track::new(Codec::Vp8);
        assert_eq!(
            track.window(QualityWindow::default()),
            ConnectionQuality::Poor
        );
        let silent = QualityWindow {
            silent: true,
            ..QualityWindow::default()
        };
        assert_eq!(track.window(silent), ConnectionQuality::Lost);
    }

    #[test]
    fn silence_of_a_muted_track_is_no_fault() {
        let mut track = Track::new(Codec::Opus);
        track.losing(20, 1);
        track.scorer.set_muted(true, track.now);
        assert_eq!(
            track.window(QualityWindow::default()),
            ConnectionQuality::Excellent
        );
        track
            .scorer
            .set_muted(false, track.now + Duration::from_secs(4));
        assert_eq!(
            track.window(QualityWindow::default()),
            ConnectionQuality::Excellent
        );
        assert_eq!(
            track.window(QualityWindow::default()),
            ConnectionQuality::Poor
        );
    }

    #[test]
    fn each_missing_layer_costs_a_quality() {
        for (layers, quality) in [
            (1.0, ConnectionQuality::Good),
            (2.0, ConnectionQuality::Poor),
        ] {
            let mut track = Track::new(Codec::Vp8);
            track.scorer.set_layer_distance(layers, track.now);
            assert_eq!(track.losing(0, 4), quality);
        }
    }

    #[test]
    fn a_pause_for_lack_of_bandwidth_is_poor() {
        let mut track = Track::new(Codec::Vp8);
        track.scorer.set_paused(true);
        assert_eq!(
            track.window(QualityWindow::default()),
            ConnectionQuality::Poor
        );
    }

    #[test]
    fn long_delays_count() {
        let mut track = Track::new(Codec::Opus);
        let rtt = Some(Duration::from_millis(900));
        let window = QualityWindow {
            packets: 250,
            rtt,
            ..QualityWindow::default()
        };
        track.window(window);
        assert_eq!(track.window(window), ConnectionQuality::Good);
    }

    #[test]
    fn a_participant_is_as_well_off_as_its_worst_track() {
        let of = |quality, score| Quality { quality, score };
        let tracks = [
            of(ConnectionQuality::Good, 3.0),
            of(ConnectionQuality::Lost, 1.9),
        ];
        assert_eq!(Quality::worst(tracks).quality, ConnectionQuality::Lost);
        assert_eq!(Quality::worst([]), Quality::BEST);
    }

    #[test]
    fn a_room_is_told_of_newcomers_and_changes_only() {
        let mut qualities = ConnectionQualities::default();
        let good = Quality {
            quality: ConnectionQuality::Good,
            score: 3.5,
        };
        let mut now = BTreeMap::from([("a", good), ("b", good)]);
        assert!(qualities.update(&now));
        now.insert("a", Quality { score: 3.4, ..good });
        assert!(!qualities.update(&now), "the score alone is no news");
        now.remove("b");
        assert!(!qualities.update(&now));
        now.insert("a", Quality::BEST);
        assert!(qualities.update(&now));
    }
}
