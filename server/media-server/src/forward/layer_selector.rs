//! Turns a subscriber's track settings into the layer it should get at most.

use super::layer::{Layer, MAX_SPATIAL, VideoQuality};
use super::rate::PerLayer;

/// A layer that is a tenth too small still covers the wish.
const TOLERANCE_PERCENT: u64 = 90;
/// A layer this close to the wished frame rate covers it.
const FRAME_RATE_TOLERANCE: f64 = 0.9;

/// What a subscriber asks for (`UpdateTrackSettings`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TrackSettings {
    /// Send nothing.
    pub disabled: bool,
    /// Wanted quality; `None`: OFF. Ignored when a width is given.
    pub quality: Option<VideoQuality>,
    /// Wanted width in pixels; 0: not given.
    pub width: u32,
    /// Wanted height in pixels; 0: not given.
    pub height: u32,
    /// Wanted frames per second; 0: all.
    pub fps: u32,
}

/// The sizes of a published track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PublishedSizes {
    /// The source's width in pixels; 0: unknown.
    pub width: u32,
    /// The source's height in pixels; 0: unknown.
    pub height: u32,
    /// Width and height of each spatial layer, low to high; `None`: no such layer.
    pub layers: [Option<(u32, u32)>; MAX_SPATIAL],
}

/// The best layer a subscriber with these settings should get; `None`: nothing.
pub fn select_layer(
    settings: &TrackSettings,
    sizes: &PublishedSizes,
    frame_rates: &PerLayer<f64>,
) -> Option<Layer> {
    if settings.disabled {
        return None;
    }
    let spatial = if settings.width > 0 {
        smallest_covering(settings.width, settings.height, sizes)
    } else {
        settings.quality?.spatial()
    };
    let temporal = temporal_for(
        settings.fps,
        &frame_rates[usize::from(spatial).min(MAX_SPATIAL - 1)],
    );
    Some(Layer { spatial, temporal })
}

/// The smallest layer whose shorter side covers the wish.
fn smallest_covering(width: u32, height: u32, sizes: &PublishedSizes) -> u8 {
    let portrait = sizes.width < sizes.height;
    let wish = u64::from(if portrait || height == 0 {
        width
    } else {
        height
    });
    let side = |(width, height): (u32, u32)| if portrait { width } else { height };
    let source = side((sizes.width, sizes.height));
    let known = sizes.layers.iter().flatten().any(|&size| side(size) > 0);
    let layers: Vec<(u8, u32)> = if known {
        (0u8..)
            .zip(&sizes.layers)
            .filter_map(|(s, size)| Some((s, side((*size)?))))
            .collect()
    } else if source == 0 {
        return VideoQuality::High.spatial();
    } else {
        // LiveKit's defaults for publishers that do not say.
        vec![(0, 180), (1, 360), (2, source)]
    };
    let highest = layers
        .last()
        .map_or(VideoQuality::High.spatial(), |&(spatial, _)| spatial);
    layers
        .iter()
        .find(|&&(_, side)| u64::from(side) * 100 >= wish * TOLERANCE_PERCENT)
        .map_or(highest, |&(spatial, _)| spatial)
}

fn temporal_for(fps: u32, rates: &[f64]) -> u8 {
    if fps == 0 {
        return Layer::HIGHEST.temporal;
    }
    (0u8..)
        .zip(rates)
        .find(|&(_, &rate)| rate >= f64::from(fps) * FRAME_RATE_TOLERANCE)
        .map_or(Layer::HIGHEST.temporal, |(temporal, _)| temporal)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HD: PublishedSizes = PublishedSizes {
        width: 1280,
        height: 720,
        layers: [Some((320, 180)), Some((640, 360)), Some((1280, 720))],
    };

    fn spatial(width: u32, height: u32, sizes: &PublishedSizes) -> Option<u8> {
        let settings = TrackSettings {
            width,
            height,
            ..TrackSettings::default()
        };
        select_layer(&settings, sizes, &PerLayer::default()).map(|layer| layer.spatial)
    }

    #[test]
    fn the_smallest_layer_that_covers_the_wish_is_chosen() {
        assert_eq!(spatial(100, 56, &HD), Some(0));
        assert_eq!(spatial(640, 360, &HD), Some(1));
        assert_eq!(
            spatial(700, 394, &HD),
            Some(1),
            "a tenth too small is good enough"
        );
        assert_eq!(spatial(800, 450, &HD), Some(2));
        assert_eq!(spatial(3840, 2160, &HD), Some(2));
    }

    #[test]
    fn portrait_tracks_are_compared_by_width() {
        let portrait = PublishedSizes {
            width: 720,
            height: 1280,
            layers: [Some((180, 320)), Some((360, 640)), Some((720, 1280))],
        };
        assert_eq!(spatial(180, 320, &portrait), Some(0));
        assert_eq!(spatial(350, 622, &portrait), Some(1));
    }

    #[test]
    fn unknown_layer_sizes_are_guessed_from_the_source() {
        let unknown = PublishedSizes {
            layers: [None; 3],
            ..HD
        };
        assert_eq!(spatial(320, 180, &unknown), Some(0));
        assert_eq!(spatial(1280, 720, &unknown), Some(2));
        assert_eq!(spatial(320, 180, &PublishedSizes::default()), Some(2));
    }

    #[test]
    fn dimensions_beat_quality_and_disabled_beats_both() {
        let mut settings = TrackSettings {
            quality: Some(VideoQuality::High),
            width: 320,
            height: 180,
            ..TrackSettings::default()
        };
        let layer = select_layer(&settings, &HD, &PerLayer::default()).unwrap();
        assert_eq!(layer.spatial, 0);
        settings.disabled = true;
        assert_eq!(select_layer(&settings, &HD, &PerLayer::default()), None);
    }

    #[test]
    fn quality_off_selects_nothing() {
        assert_eq!(
            select_layer(&TrackSettings::default(), &HD, &PerLayer::default()),
            None
        );
    }

    #[test]
    fn the_slowest_temporal_layer_that_is_fast_enough_is_chosen() {
        let rates = [[7.5, 15.0, 30.0, 0.0]; 3];
        let temporal = |fps| {
            let quality = Some(VideoQuality::Low);
            let settings = TrackSettings {
                quality,
                fps,
                ..TrackSettings::default()
            };
            select_layer(&settings, &HD, &rates).unwrap().temporal
        };
        assert_eq!(
            (
                temporal(7),
                temporal(15),
                temporal(24),
                temporal(60),
                temporal(0)
            ),
            (0, 1, 2, 3, 3)
        );
    }
}
