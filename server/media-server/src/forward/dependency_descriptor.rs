//! Parses the dependency descriptor header extension, which tells layers and references without looking at the payload.
//!
//! Format: AV1 RTP specification, appendix A. Chains are read past, not used: references are checked instead.

use std::sync::Arc;

use super::bits::{Bits, OutOfBits};
use super::layer::Layer;

const MAX_TEMPLATES: usize = 64;
const MAX_SPATIAL_ID: u8 = 4;
const MAX_TEMPORAL_ID: u8 = 8;
/// References kept per frame; encoders use three or fewer.
const MAX_FRAME_DIFFS: usize = 8;

/// Why a dependency descriptor could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DescriptorError {
    /// The extension ends in the middle of a field.
    #[error("dependency descriptor is too short")]
    Short,
    /// No structure has been received yet, so templates mean nothing.
    #[error("dependency descriptor refers to a structure that was not received")]
    NoStructure,
    /// The template number is not in the structure.
    #[error("dependency descriptor names an unknown template")]
    UnknownTemplate,
    /// Too many templates or layers.
    #[error("dependency descriptor describes too many layers")]
    TooManyLayers,
}

impl From<OutOfBits> for DescriptorError {
    fn from(_: OutOfBits) -> Self {
        Self::Short
    }
}

/// What a frame means to one decode target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeTargetIndication {
    /// The target does not contain the frame.
    NotPresent,
    /// Nothing in the target refers to the frame.
    Discardable,
    /// A decoder may start to follow the target here.
    Switch,
    /// The target needs the frame.
    Required,
}

/// Distances to the frames a frame refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FrameDiffs {
    diffs: [u16; MAX_FRAME_DIFFS],
    len: u8,
}

impl FrameDiffs {
    fn push(&mut self, diff: u16) {
        if let Some(slot) = self.diffs.get_mut(usize::from(self.len)) {
            *slot = diff;
            self.len += 1;
        }
    }

    /// The distances, each at least 1.
    pub fn as_slice(&self) -> &[u16] {
        &self.diffs[..usize::from(self.len)]
    }
}

/// Two bits per decode target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Indications(u64);

impl Indications {
    fn set(&mut self, target: u8, value: u8) {
        self.0 |= u64::from(value & 3) << (u32::from(target & 31) * 2);
    }

    /// What the frame means to decode target `target`.
    pub fn of(self, target: u8) -> DecodeTargetIndication {
        match (self.0 >> (u32::from(target & 31) * 2)) & 3 {
            0 => DecodeTargetIndication::NotPresent,
            1 => DecodeTargetIndication::Discardable,
            2 => DecodeTargetIndication::Switch,
            _ => DecodeTargetIndication::Required,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Template {
    layer: Layer,
    indications: Indications,
    frame_diffs: FrameDiffs,
}

/// The templates that later descriptors refer to; sent with keyframes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameDependencyStructure {
    id: u8,
    templates: Vec<Template>,
    chains: u8,
    targets: Vec<Layer>,
    resolutions: Vec<(u32, u32)>,
}

impl FrameDependencyStructure {
    /// The layer of each decode target, by the target's number.
    pub fn targets(&self) -> &[Layer] {
        &self.targets
    }

    /// Width and height of each spatial layer, when the encoder says them.
    pub fn resolutions(&self) -> &[(u32, u32)] {
        &self.resolutions
    }
}

/// One packet's descriptor, with its template applied.
#[derive(Debug, Clone)]
pub struct DependencyDescriptor {
    /// First packet of its frame.
    pub start_of_frame: bool,
    /// Last packet of its frame.
    pub end_of_frame: bool,
    /// Frame number, 16 bits, wraps.
    pub frame_number: u16,
    /// The frame's layer.
    pub layer: Layer,
    /// What the frame means to each decode target.
    pub indications: Indications,
    /// The frames this one refers to.
    pub frame_diffs: FrameDiffs,
    /// Bit n set: decode target n is being sent. `None`: as before.
    pub active_targets: Option<u32>,
    /// The structure this packet carries itself.
    pub attached: Option<Arc<FrameDependencyStructure>>,
}

impl DependencyDescriptor {
    /// Parses the extension's bytes; `known` is the last structure received on the stream.
    pub fn parse(
        bytes: &[u8],
        known: Option<&FrameDependencyStructure>,
    ) -> Result<Self, DescriptorError> {
        let mut bits = Bits::new(bytes);
        let start_of_frame = bits.flag()?;
        let end_of_frame = bits.flag()?;
        let template_id = bits.byte(6)?;
        let frame_number = u16::try_from(bits.read(16)?).unwrap_or_default();
        let mut flags = Flags::default();
        let mut attached = None;
        if bytes.len() > 3 {
            let has_structure = bits.flag()?;
            flags = Flags::read(&mut bits)?;
            if has_structure {
                attached = Some(Arc::new(read_structure(&mut bits)?));
            }
        }
        let structure = attached
            .as_deref()
            .or(known)
            .ok_or(DescriptorError::NoStructure)?;
        let target_count = u32::try_from(structure.targets.len()).unwrap_or(32);
        let mut active_targets = attached
            .as_ref()
            .map(|_| u32::MAX >> (32 - target_count.max(1)));
        if flags.active_targets {
            active_targets = Some(bits.read(target_count)?);
        }
        let index = (template_id + 64 - structure.id) % 64;
        let template = structure
            .templates
            .get(usize::from(index))
            .ok_or(DescriptorError::UnknownTemplate)?;
        let mut indications = template.indications;
        if flags.custom_indications {
            indications = read_indications(&mut bits, structure.targets.len())?;
        }
        let mut frame_diffs = template.frame_diffs;
        if flags.custom_frame_diffs {
            frame_diffs = read_custom_frame_diffs(&mut bits)?;
        }
        if flags.custom_chains {
            for _ in 0..structure.chains {
                bits.read(8)?;
            }
        }
        Ok(Self {
            start_of_frame,
            end_of_frame,
            frame_number,
            layer: template.layer,
            indications,
            frame_diffs,
            active_targets,
            attached,
        })
    }
}

#[derive(Default)]
struct Flags {
    active_targets: bool,
    custom_indications: bool,
    custom_frame_diffs: bool,
    custom_chains: bool,
}

impl Flags {
    fn read(bits: &mut Bits<'_>) -> Result<Self, OutOfBits> {
        Ok(Self {
            active_targets: bits.flag()?,
            custom_indications: bits.flag()?,
            custom_frame_diffs: bits.flag()?,
            custom_chains: bits.flag()?,
        })
    }
}

fn read_indications(bits: &mut Bits<'_>, targets: usize) -> Result<Indications, OutOfBits> {
    let mut indications = Indications::default();
    for target in (0u8..).take(targets) {
        indications.set(target, bits.byte(2)?);
    }
    Ok(indications)
}

fn read_custom_frame_diffs(bits: &mut Bits<'_>) -> Result<FrameDiffs, OutOfBits> {
    let mut diffs = FrameDiffs::default();
    loop {
        let nibbles = bits.read(2)?;
        if nibbles == 0 {
            return Ok(diffs);
        }
        diffs.push(u16::try_from(bits.read(4 * nibbles)? + 1).unwrap_or(u16::MAX));
    }
}

fn read_structure(bits: &mut Bits<'_>) -> Result<FrameDependencyStructure, DescriptorError> {
    let id = bits.byte(6)?;
    let target_count = bits.byte(5)? + 1;
    let mut templates = read_template_layers(bits)?;
    for template in &mut templates {
        template.indications = read_indications(bits, usize::from(target_count))?;
    }
    for template in &mut templates {
        while bits.flag()? {
            template.frame_diffs.push(u16::from(bits.byte(4)?) + 1);
        }
    }
    let chains = bits.non_symmetric(u32::from(target_count) + 1)?;
    if chains > 0 {
        for _ in 0..target_count {
            bits.non_symmetric(chains)?;
        }
        for _ in 0..templates.len() {
            for _ in 0..chains {
                bits.read(4)?;
            }
        }
    }
    let mut resolutions = Vec::new();
    if bits.flag()? {
        let spatial_layers = templates.last().map_or(0, |last| last.layer.spatial) + 1;
        for _ in 0..spatial_layers {
            resolutions.push((bits.read(16)? + 1, bits.read(16)? + 1));
        }
    }
    let targets = (0..target_count)
        .map(|target| target_layer(&templates, target))
        .collect();
    Ok(FrameDependencyStructure {
        id,
        templates,
        chains: u8::try_from(chains).unwrap_or(u8::MAX),
        targets,
        resolutions,
    })
}

fn read_template_layers(bits: &mut Bits<'_>) -> Result<Vec<Template>, DescriptorError> {
    let mut templates = Vec::new();
    let mut layer = Layer::LOWEST;
    loop {
        if templates.len() == MAX_TEMPLATES {
            return Err(DescriptorError::TooManyLayers);
        }
        templates.push(Template {
            layer,
            indications: Indications::default(),
            frame_diffs: FrameDiffs::default(),
        });
        match bits.read(2)? {
            0 => {}
            1 => layer.temporal += 1,
            2 => {
                layer = Layer {
                    spatial: layer.spatial + 1,
                    temporal: 0,
                }
            }
            _ => return Ok(templates),
        }
        if layer.temporal >= MAX_TEMPORAL_ID || layer.spatial >= MAX_SPATIAL_ID {
            return Err(DescriptorError::TooManyLayers);
        }
    }
}

/// The best spatial and temporal layer among the frames a target contains.
fn target_layer(templates: &[Template], target: u8) -> Layer {
    let mut best = Layer::LOWEST;
    for template in templates {
        if template.indications.of(target) != DecodeTargetIndication::NotPresent {
            best.spatial = best.spatial.max(template.layer.spatial);
            best.temporal = best.temporal.max(template.layer.temporal);
        }
    }
    best
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Writes bits most significant first, to build descriptors.
    #[derive(Default)]
    pub(in crate::forward) struct BitWriter {
        bytes: Vec<u8>,
        used: usize,
    }

    impl BitWriter {
        pub(in crate::forward) fn put(&mut self, count: usize, value: u32) -> &mut Self {
            for shift in (0..count).rev() {
                if self.used.is_multiple_of(8) {
                    self.bytes.push(0);
                }
                let bit = u8::from((value >> shift) & 1 == 1);
                *self.bytes.last_mut().unwrap() |= bit << (7 - self.used % 8);
                self.used += 1;
            }
            self
        }

        pub(in crate::forward) fn done(&self) -> Vec<u8> {
            self.bytes.clone()
        }
    }

    /// L2T2 with key-frame-only inter-layer prediction: four decode targets (S0T0, S0T1, S1T0, S1T1)
    /// and six templates (S0: key, T0, T1; S1: key, T0, T1).
    pub(in crate::forward) fn l2t2_key(frame: u16, template: u32, attach: bool) -> Vec<u8> {
        let mut bits = BitWriter::default();
        bits.put(1, 1)
            .put(1, 1)
            .put(6, template)
            .put(16, u32::from(frame));
        if !attach {
            return bits.done();
        }
        bits.put(1, 1).put(4, 0);
        bits.put(6, 0).put(5, 3);
        // layers: S0T0, S0T0, S0T1, S1T0, S1T0, S1T1
        for next in [0, 1, 2, 0, 1, 3] {
            bits.put(2, next);
        }
        let (no, discardable, switch) = (0, 1, 2);
        for row in [
            [switch, switch, switch, switch],
            [switch, switch, no, no],
            [no, discardable, no, no],
            [no, no, switch, switch],
            [no, no, switch, switch],
            [no, no, no, discardable],
        ] {
            for indication in row {
                bits.put(2, indication);
            }
        }
        // frame diffs: key none; S0T0 refers 4 back; S0T1 2 back; S1 key 1 back; S1T0 4; S1T1 2
        for diff in [0, 4, 2, 1, 4, 2] {
            if diff > 0 {
                bits.put(1, 1).put(4, diff - 1);
            }
            bits.put(1, 0);
        }
        bits.put(2, 0); // ns(5): no chains
        bits.put(1, 1);
        for size in [319, 179, 639, 359] {
            bits.put(16, size);
        }
        bits.done()
    }

    #[test]
    fn a_keyframe_carries_the_structure_with_targets_and_resolutions() {
        let parsed = DependencyDescriptor::parse(&l2t2_key(7, 0, true), None).unwrap();
        let structure = parsed.attached.unwrap();
        let layers: Vec<_> = structure
            .targets()
            .iter()
            .map(|l| (l.spatial, l.temporal))
            .collect();
        assert_eq!(layers, [(0, 0), (0, 1), (1, 0), (1, 1)]);
        assert_eq!(structure.resolutions(), [(320, 180), (640, 360)]);
        assert_eq!(parsed.frame_number, 7);
        assert_eq!(parsed.active_targets, Some(0b1111));
        assert!(parsed.start_of_frame && parsed.end_of_frame);
    }

    #[test]
    fn later_packets_need_only_a_template_number() {
        let key = DependencyDescriptor::parse(&l2t2_key(7, 0, true), None).unwrap();
        let structure = key.attached.unwrap();
        let delta = DependencyDescriptor::parse(&l2t2_key(12, 5, false), Some(&structure)).unwrap();
        assert_eq!(
            delta.layer,
            Layer {
                spatial: 1,
                temporal: 1
            }
        );
        assert_eq!(delta.indications.of(3), DecodeTargetIndication::Discardable);
        assert_eq!(delta.indications.of(0), DecodeTargetIndication::NotPresent);
        assert_eq!(delta.frame_diffs.as_slice(), [2]);
    }

    #[test]
    fn a_descriptor_without_its_structure_is_an_error() {
        let error = DependencyDescriptor::parse(&l2t2_key(7, 1, false), None).unwrap_err();
        assert_eq!(error, DescriptorError::NoStructure);
    }

    #[test]
    fn an_unknown_template_is_an_error() {
        let key = DependencyDescriptor::parse(&l2t2_key(7, 0, true), None).unwrap();
        let error = DependencyDescriptor::parse(&l2t2_key(8, 40, false), key.attached.as_deref())
            .unwrap_err();
        assert_eq!(error, DescriptorError::UnknownTemplate);
    }

    #[test]
    fn a_truncated_structure_is_an_error_at_every_length() {
        let whole = l2t2_key(7, 0, true);
        for length in 0..whole.len() - 1 {
            assert!(
                DependencyDescriptor::parse(&whole[..length], None).is_err(),
                "{length} bytes"
            );
        }
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let key = DependencyDescriptor::parse(&l2t2_key(7, 0, true), None).unwrap();
            let _ = DependencyDescriptor::parse(&bytes, None);
            let _ = DependencyDescriptor::parse(&bytes, key.attached.as_deref());
        }
    }
}
