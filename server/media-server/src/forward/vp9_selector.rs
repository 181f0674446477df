//! Chooses layers of a VP9 SVC stream by its payload descriptor, for publishers without a dependency descriptor.

use super::frame_selector::Selection;
use super::layer::Layer;
use super::vp9::Vp9Header;

/// The layers one subscriber gets.
#[derive(Debug, Clone, Copy)]
pub struct Vp9Selector {
    current: Layer,
    wanted_spatial: u8,
}

impl Default for Vp9Selector {
    fn default() -> Self {
        Self {
            current: Layer {
                spatial: 0,
                temporal: u8::MAX,
            },
            wanted_spatial: 0,
        }
    }
}

impl Vp9Selector {
    /// Another stream follows, with a keyframe.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// The best layer the subscriber gets.
    pub const fn current_layer(&self) -> Layer {
        self.current
    }

    /// A keyframe is needed to reach the wanted spatial layer.
    pub const fn wants_keyframe(&self) -> bool {
        self.wanted_spatial > self.current.spatial
    }

    /// Decides about a packet; `picture_end` is its marker bit.
    pub fn select(&mut self, header: &Vp9Header, picture_end: bool, max: Layer) -> Selection {
        self.wanted_spatial = max.spatial;
        let layer = header.layer;
        let can_enter = header.start && !header.inter_picture;
        if layer.spatial == self.current.spatial + 1 && layer.spatial <= max.spatial && can_enter {
            self.current.spatial = layer.spatial;
        }
        if header.keyframe() {
            self.current.temporal = max.temporal;
        } else if layer.temporal > self.current.temporal
            && layer.temporal <= max.temporal
            && header.start
            && header.switching_up
        {
            self.current.temporal = layer.temporal;
        }
        let chosen =
            layer.spatial <= self.current.spatial && layer.temporal <= self.current.temporal;
        let last_of_picture = header.end && layer.spatial == self.current.spatial;
        if picture_end {
            self.current.spatial = self.current.spatial.min(max.spatial);
            self.current.temporal = self.current.temporal.min(max.temporal);
        }
        if chosen {
            Selection::Forward { last_of_picture }
        } else {
            Selection::Drop
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(spatial: u8, temporal: u8, key: bool) -> Vp9Header {
        Vp9Header {
            start: true,
            end: true,
            inter_picture: !key,
            layer: Layer { spatial, temporal },
            switching_up: false,
        }
    }

    /// The spatial layers that pass of one three-layer picture.
    fn picture(selector: &mut Vp9Selector, key: bool, max: Layer) -> Vec<u8> {
        (0..3)
            .filter(|&s| selector.select(&frame(s, 0, key), s == 2, max) != Selection::Drop)
            .collect()
    }

    #[test]
    fn a_higher_picture_waits_for_a_keyframe_and_a_lower_one_does_not() {
        let mut selector = Vp9Selector::default();
        let low = Layer {
            spatial: 0,
            temporal: 3,
        };
        assert_eq!(picture(&mut selector, true, low), [0]);
        assert_eq!(picture(&mut selector, false, Layer::HIGHEST), [0]);
        assert!(selector.wants_keyframe());
        assert_eq!(picture(&mut selector, true, Layer::HIGHEST), [0, 1, 2]);
        assert!(!selector.wants_keyframe());
        assert_eq!(
            picture(&mut selector, false, low),
            [0, 1, 2],
            "the picture is finished"
        );
        assert_eq!(picture(&mut selector, false, low), [0]);
    }

    #[test]
    fn the_frame_rate_rises_only_where_the_encoder_allows() {
        let mut selector = Vp9Selector::default();
        let slow = Layer {
            spatial: 0,
            temporal: 0,
        };
        selector.select(&frame(0, 0, true), true, slow);
        assert_eq!(
            selector.select(&frame(0, 1, false), true, slow),
            Selection::Drop
        );
        assert_eq!(
            selector.select(&frame(0, 1, false), true, Layer::HIGHEST),
            Selection::Drop
        );
        let up = Vp9Header {
            switching_up: true,
            ..frame(0, 1, false)
        };
        assert_ne!(selector.select(&up, true, Layer::HIGHEST), Selection::Drop);
    }

    #[test]
    fn the_marker_moves_to_the_last_layer_sent() {
        let mut selector = Vp9Selector::default();
        let low = Layer {
            spatial: 0,
            temporal: 3,
        };
        let selection = selector.select(&frame(0, 0, true), false, low);
        assert_eq!(
            selection,
            Selection::Forward {
                last_of_picture: true
            }
        );
    }
}
