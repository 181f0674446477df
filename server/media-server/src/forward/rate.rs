//! Measures the bits and frames per second of each layer of a track.

use std::time::{Duration, Instant};

use super::layer::{Layer, MAX_SPATIAL, MAX_TEMPORAL};

/// Values per layer, each including the temporal layers below (and, with SVC, the spatial ones).
pub type PerLayer<T> = [[T; MAX_TEMPORAL]; MAX_SPATIAL];

/// Bits per second per layer; 0 where nothing is sent or nothing was measured yet.
pub type Bitrates = PerLayer<u64>;

const WINDOW: Duration = Duration::from_secs(1);

/// Rates of one track.
#[derive(Debug, Clone)]
pub struct RateMeter {
    since: Instant,
    bytes: PerLayer<u64>,
    frames: PerLayer<u64>,
    bitrates: Bitrates,
    frame_rates: PerLayer<f64>,
    /// Spatial layers build on each other.
    svc: bool,
}

impl RateMeter {
    /// Starts to measure.
    pub fn new(now: Instant) -> Self {
        Self {
            since: now,
            bytes: PerLayer::default(),
            frames: PerLayer::default(),
            bitrates: Bitrates::default(),
            frame_rates: PerLayer::default(),
            svc: false,
        }
    }

    /// Spatial layers arrive in one stream and build on each other.
    pub const fn set_svc(&mut self) {
        self.svc = true;
    }

    /// Counts a packet.
    pub fn add(&mut self, layer: Layer, bytes: usize, frame_end: bool, now: Instant) {
        self.roll(now);
        let spatial = usize::from(layer.spatial).min(MAX_SPATIAL - 1);
        let temporal = usize::from(layer.temporal).min(MAX_TEMPORAL - 1);
        self.bytes[spatial][temporal] += bytes as u64;
        self.frames[spatial][temporal] += u64::from(frame_end);
    }

    /// Bits per second.
    pub fn bitrates(&mut self, now: Instant) -> Bitrates {
        self.roll(now);
        self.bitrates
    }

    /// Frames per second.
    pub fn frame_rates(&mut self, now: Instant) -> PerLayer<f64> {
        self.roll(now);
        self.frame_rates
    }

    fn roll(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.since);
        if passed < WINDOW {
            return;
        }
        let seconds = passed.as_secs_f64();
        let bytes = accumulate(&self.bytes, self.svc);
        let frames = accumulate(&self.frames, false);
        for spatial in 0..MAX_SPATIAL {
            for temporal in 0..MAX_TEMPORAL {
                let sent = self.bytes[spatial][temporal] > 0;
                let millis = passed.as_millis().max(1);
                let bits = u128::from(bytes[spatial][temporal]) * 8000 / millis;
                self.bitrates[spatial][temporal] = if sent {
                    u64::try_from(bits).unwrap_or(u64::MAX)
                } else {
                    0
                };
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "frame counts of one second are small"
                )]
                let rate = frames[spatial][temporal] as f64 / seconds;
                self.frame_rates[spatial][temporal] = if sent { rate } else { 0.0 };
            }
        }
        self.bytes = PerLayer::default();
        self.frames = PerLayer::default();
        self.since = now;
    }
}

fn accumulate(values: &PerLayer<u64>, across_spatial: bool) -> PerLayer<u64> {
    let mut sums = *values;
    let mut smaller = [0; MAX_TEMPORAL];
    for row in &mut sums {
        let mut slower = 0;
        for (sum, smaller) in row.iter_mut().zip(&mut smaller) {
            slower += *sum;
            *sum = slower + *smaller;
            if across_spatial {
                *smaller = *sum;
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_costs_what_it_and_the_slower_ones_below_send() {
        let start = Instant::now();
        let mut meter = RateMeter::new(start);
        for (temporal, bytes) in [(0, 1000), (1, 500), (2, 250)] {
            meter.add(
                Layer {
                    spatial: 1,
                    temporal,
                },
                bytes,
                true,
                start,
            );
        }
        let rates = meter.bitrates(start + Duration::from_secs(1));
        assert_eq!(rates[1], [8000, 12_000, 14_000, 0]);
        assert_eq!(rates[0], [0; 4]);
    }

    #[test]
    fn with_svc_a_layer_includes_the_smaller_pictures() {
        let start = Instant::now();
        let mut meter = RateMeter::new(start);
        meter.set_svc();
        meter.add(
            Layer {
                spatial: 0,
                temporal: 0,
            },
            1000,
            true,
            start,
        );
        meter.add(
            Layer {
                spatial: 1,
                temporal: 0,
            },
            1000,
            true,
            start,
        );
        assert_eq!(meter.bitrates(start + Duration::from_secs(2))[1][0], 8000);
    }

    #[test]
    fn a_silent_second_brings_the_rate_to_zero() {
        let start = Instant::now();
        let mut meter = RateMeter::new(start);
        meter.add(Layer::LOWEST, 1000, true, start);
        let later = start + Duration::from_secs(1);
        assert_eq!(meter.bitrates(later)[0][0], 8000);
        assert_eq!(meter.bitrates(later + Duration::from_secs(1))[0][0], 0);
    }

    #[test]
    fn frame_rates_add_up_over_temporal_layers() {
        let start = Instant::now();
        let mut meter = RateMeter::new(start);
        for frame in 0..30u8 {
            let layer = Layer {
                spatial: 0,
                temporal: frame % 2,
            };
            meter.add(layer, 100, true, start);
        }
        let rates = meter.frame_rates(start + Duration::from_secs(1));
        assert!((rates[0][0] - 15.0).abs() < 0.01 && (rates[0][1] - 30.0).abs() < 0.01);
    }
}
