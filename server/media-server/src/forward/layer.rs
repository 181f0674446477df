//! Names for the layers of a video track, and sets of simulcast streams.

/// Spatial layers a track can have: LOW, MEDIUM, HIGH.
pub const MAX_SPATIAL: usize = 3;
/// Temporal layers a spatial layer can have.
pub const MAX_TEMPORAL: usize = 4;

/// One operating point of a video track; higher spatial outranks higher temporal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Layer {
    /// 0 is the smallest picture: quality LOW, rid `q`.
    pub spatial: u8,
    /// 0 is the slowest frame rate.
    pub temporal: u8,
}

impl Layer {
    /// No restriction: the best the publisher sends.
    pub const HIGHEST: Self = Self {
        spatial: 2,
        temporal: 3,
    };
    /// The smallest and slowest.
    pub const LOWEST: Self = Self {
        spatial: 0,
        temporal: 0,
    };
}

/// LiveKit's VideoQuality without OFF (which is `Option::None` here); the discriminant is the wire's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VideoQuality {
    /// Spatial layer 0.
    Low = 0,
    /// Spatial layer 1.
    Medium = 1,
    /// Spatial layer 2.
    High = 2,
}

impl VideoQuality {
    /// All qualities, low to high.
    pub const ALL: [Self; MAX_SPATIAL] = [Self::Low, Self::Medium, Self::High];

    /// The quality of a spatial layer; layers past the third count as HIGH.
    pub const fn from_spatial(spatial: u8) -> Self {
        match spatial {
            0 => Self::Low,
            1 => Self::Medium,
            _ => Self::High,
        }
    }

    /// The spatial layer of this quality.
    pub const fn spatial(self) -> u8 {
        self as u8
    }
}

/// A set of spatial layers, for instance those that have packets now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LayerSet(u8);

impl LayerSet {
    /// No layer.
    pub const EMPTY: Self = Self(0);

    /// The set with `spatial` added.
    #[must_use]
    pub const fn with(self, spatial: u8) -> Self {
        Self(self.0 | (1 << (spatial & 7)))
    }

    /// Whether `spatial` is in the set.
    pub const fn contains(self, spatial: u8) -> bool {
        spatial < 8 && self.0 & (1 << spatial) != 0
    }

    /// Whether no layer is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The highest layer in the set.
    pub fn highest(self) -> Option<u8> {
        (0..8).rev().find(|&spatial| self.contains(spatial))
    }

    /// The highest layer not above `wanted`, else the lowest one above it: a picture beats no picture.
    pub fn closest_to(self, wanted: u8) -> Option<u8> {
        (0..=wanted.min(7))
            .rev()
            .find(|&spatial| self.contains(spatial))
            .or_else(|| (0..8).find(|&spatial| self.contains(spatial)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_layer_is_below_the_wanted_one_if_there_is_any() {
        let low_and_high = LayerSet::EMPTY.with(0).with(2);
        assert_eq!(low_and_high.closest_to(1), Some(0));
        assert_eq!(low_and_high.closest_to(2), Some(2));
    }

    #[test]
    fn a_layer_above_the_wanted_one_is_taken_when_nothing_else_is_sent() {
        assert_eq!(LayerSet::EMPTY.with(2).closest_to(0), Some(2));
        assert_eq!(LayerSet::EMPTY.closest_to(2), None);
    }

    #[test]
    fn spatial_order_outranks_temporal_order() {
        assert!(
            Layer {
                spatial: 1,
                temporal: 0
            } > Layer {
                spatial: 0,
                temporal: 3
            }
        );
    }
}
