//! Chooses frames of an SVC stream for one subscriber by dependency descriptor; it never looks at payloads.

use std::sync::Arc;

use super::dependency_descriptor::{
    DecodeTargetIndication, FrameDependencyStructure, FrameDiffs, Indications,
};
use super::layer::Layer;

/// Frames whose fate is remembered.
const HISTORY: usize = 128;

/// A packet's dependency descriptor, resolved by the upstream side.
#[derive(Debug, Clone)]
pub struct FrameDependency {
    /// Frame number without wraps.
    pub frame: u64,
    /// First packet of its frame.
    pub start_of_frame: bool,
    /// Last packet of its frame.
    pub end_of_frame: bool,
    /// The frame's layer.
    pub layer: Layer,
    /// What the frame means to each decode target.
    pub indications: Indications,
    /// The frames this one refers to.
    pub frame_diffs: FrameDiffs,
    /// Bit n set: decode target n is being sent.
    pub active_targets: u32,
    /// The structure in force.
    pub structure: Arc<FrameDependencyStructure>,
}

/// What to do with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// Send it; `last_of_picture` sets the marker bit, as no higher layer of the picture follows.
    Forward {
        /// The packet ends what the subscriber gets of this picture.
        last_of_picture: bool,
    },
    /// Drop it.
    Drop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Forwarded,
    Dropped,
    Unknown,
}

/// The decode target one subscriber follows.
#[derive(Debug, Clone, Default)]
pub struct FrameSelector {
    target: Option<u8>,
    target_layer: Option<Layer>,
    desired_layer: Option<Layer>,
    /// Frame number twice, plus one if forwarded.
    history: Vec<u64>,
}

impl FrameSelector {
    /// Forgets everything: another stream follows, with a keyframe.
    pub fn reset(&mut self) {
        self.target = None;
        self.target_layer = None;
        self.history.clear();
    }

    /// The layer the subscriber gets.
    pub const fn current_layer(&self) -> Option<Layer> {
        self.target_layer
    }

    /// A keyframe is needed to reach the wanted spatial layer.
    pub fn wants_keyframe(&self) -> bool {
        self.desired_layer.map(|layer| layer.spatial)
            != self.target_layer.map(|layer| layer.spatial)
    }

    /// Decides about a packet, alike for all packets of a frame.
    pub fn select(&mut self, packet: &FrameDependency, max: Layer) -> Selection {
        match self.fate(packet.frame) {
            Fate::Forwarded => return self.forward(packet),
            Fate::Dropped => return Selection::Drop,
            Fate::Unknown => {}
        }
        self.follow(packet, max);
        let wanted = self.target.is_some_and(|target| {
            packet.indications.of(target) != DecodeTargetIndication::NotPresent
                && !self.refers_to(packet, Fate::Dropped)
        });
        self.remember(packet.frame, wanted);
        if wanted {
            self.forward(packet)
        } else {
            Selection::Drop
        }
    }

    /// Moves to the best decode target allowed, as soon as a frame lets a decoder do so.
    fn follow(&mut self, packet: &FrameDependency, max: Layer) {
        let Some((desired, layer)) = desired_target(packet, max) else {
            return;
        };
        self.desired_layer = Some(layer);
        if self.target == Some(desired) && self.target_layer == Some(layer) {
            return;
        }
        let complete =
            packet.frame_diffs.as_slice().iter().all(|&diff| {
                self.fate(packet.frame.wrapping_sub(u64::from(diff))) == Fate::Forwarded
            });
        if complete && packet.indications.of(desired) == DecodeTargetIndication::Switch {
            self.target = Some(desired);
            self.target_layer = Some(layer);
        }
    }

    fn forward(&self, packet: &FrameDependency) -> Selection {
        let highest = self
            .target_layer
            .is_some_and(|layer| layer.spatial == packet.layer.spatial);
        Selection::Forward {
            last_of_picture: packet.end_of_frame && highest,
        }
    }

    fn refers_to(&self, packet: &FrameDependency, fate: Fate) -> bool {
        let mut diffs = packet.frame_diffs.as_slice().iter();
        diffs.any(|&diff| self.fate(packet.frame.wrapping_sub(u64::from(diff))) == fate)
    }

    fn fate(&self, frame: u64) -> Fate {
        match self.history.get(slot(frame)) {
            Some(entry) if entry >> 1 == frame && entry & 1 == 1 => Fate::Forwarded,
            Some(entry) if entry >> 1 == frame => Fate::Dropped,
            _ => Fate::Unknown,
        }
    }

    fn remember(&mut self, frame: u64, forwarded: bool) {
        if self.history.is_empty() {
            self.history = vec![u64::MAX; HISTORY];
        }
        let entry = &mut self.history[slot(frame)];
        // A late frame must not push out the newer one in its place.
        if *entry == u64::MAX || *entry >> 1 < frame {
            *entry = (frame << 1) | u64::from(forwarded);
        }
    }
}

fn slot(frame: u64) -> usize {
    usize::try_from(frame % HISTORY as u64).unwrap_or_default()
}

/// The highest active decode target within `max`, or the lowest of all when none is.
fn desired_target(packet: &FrameDependency, max: Layer) -> Option<(u8, Layer)> {
    let targets = || {
        (0u8..)
            .zip(packet.structure.targets().iter().copied())
            .filter(|(target, _)| packet.active_targets & (1 << (target & 31)) != 0)
    };
    targets()
        .filter(|(_, layer)| layer.spatial <= max.spatial && layer.temporal <= max.temporal)
        .max_by_key(|&(_, layer)| layer)
        .or_else(|| targets().min_by_key(|&(_, layer)| layer))
}

#[cfg(test)]
mod tests {
    use super::super::dependency_descriptor::DependencyDescriptor;
    use super::super::dependency_descriptor::tests::l2t2_key;
    use super::*;

    /// An L2T2_KEY stream as template numbers, in the encoder's order: two frames per picture.
    fn stream(templates: &[u32]) -> Vec<FrameDependency> {
        let mut structure = None;
        (0u16..)
            .zip(templates)
            .map(|(frame, &template)| {
                let bytes = l2t2_key(frame, template, template == 0);
                let parsed = DependencyDescriptor::parse(&bytes, structure.as_deref()).unwrap();
                if let Some(attached) = &parsed.attached {
                    structure = Some(Arc::clone(attached));
                }
                FrameDependency {
                    frame: u64::from(frame),
                    start_of_frame: parsed.start_of_frame,
                    end_of_frame: parsed.end_of_frame,
                    layer: parsed.layer,
                    indications: parsed.indications,
                    frame_diffs: parsed.frame_diffs,
                    active_targets: 0b1111,
                    structure: Arc::clone(structure.as_ref().unwrap()),
                }
            })
            .collect()
    }

    const GROUP: [u32; 8] = [0, 3, 2, 5, 1, 4, 2, 5];

    fn forwarded(selector: &mut FrameSelector, frames: &[FrameDependency], max: Layer) -> Vec<u64> {
        let chosen = frames
            .iter()
            .filter(|f| selector.select(f, max) != Selection::Drop);
        chosen.map(|frame| frame.frame).collect()
    }

    #[test]
    fn the_low_target_gets_only_its_own_frames() {
        let max = Layer {
            spatial: 0,
            temporal: 0,
        };
        assert_eq!(
            forwarded(&mut FrameSelector::default(), &stream(&GROUP), max),
            [0, 4]
        );
    }

    #[test]
    fn the_high_target_gets_low_frames_only_of_the_key_picture() {
        let max = Layer::HIGHEST;
        let chosen = forwarded(&mut FrameSelector::default(), &stream(&GROUP), max);
        assert_eq!(chosen, [0, 1, 3, 5, 7]);
    }

    #[test]
    fn a_higher_picture_needs_a_keyframe_and_says_so() {
        let mut selector = FrameSelector::default();
        let frames = stream(&[0, 3, 2, 5, 1, 4, 0, 3, 2, 5]);
        forwarded(
            &mut selector,
            &frames[..4],
            Layer {
                spatial: 0,
                temporal: 1,
            },
        );
        assert!(!selector.wants_keyframe());
        let chosen = forwarded(&mut selector, &frames[4..6], Layer::HIGHEST);
        assert_eq!(chosen, [4], "the upper layer's reference was not sent");
        assert!(selector.wants_keyframe());
        assert_eq!(
            forwarded(&mut selector, &frames[6..], Layer::HIGHEST),
            [6, 7, 9]
        );
        assert!(!selector.wants_keyframe());
    }

    #[test]
    fn the_frame_rate_changes_without_a_keyframe() {
        let mut selector = FrameSelector::default();
        let frames = stream(&GROUP);
        forwarded(
            &mut selector,
            &frames[..2],
            Layer {
                spatial: 0,
                temporal: 1,
            },
        );
        let chosen = forwarded(
            &mut selector,
            &frames[2..],
            Layer {
                spatial: 0,
                temporal: 0,
            },
        );
        assert_eq!(
            chosen,
            [2, 4],
            "the step down waits for a frame where decoders may switch"
        );
    }

    #[test]
    fn the_marker_is_set_on_the_last_packet_the_subscriber_gets() {
        let mut selector = FrameSelector::default();
        let frames = stream(&GROUP);
        let low = Layer {
            spatial: 0,
            temporal: 1,
        };
        assert_eq!(
            selector.select(&frames[0], low),
            Selection::Forward {
                last_of_picture: true
            }
        );
        let mut selector = FrameSelector::default();
        let key = selector.select(&frames[0], Layer::HIGHEST);
        assert_eq!(
            key,
            Selection::Forward {
                last_of_picture: false
            }
        );
    }

    #[test]
    fn nothing_is_sent_before_a_keyframe() {
        let frames = stream(&GROUP);
        assert!(forwarded(&mut FrameSelector::default(), &frames[2..], Layer::HIGHEST).is_empty());
    }
}
