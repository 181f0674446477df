//! RTP header extensions that str0m does not know and that have to reach the subscribers unchanged.

use str0m::rtp::{Extension, ExtensionSerializer, ExtensionValues};

/// URI of the dependency descriptor, without which receivers drop AV1.
pub(super) const DEPENDENCY_DESCRIPTOR_URI: &str =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

/// Bytes that fit the one-byte header form.
const ONE_BYTE_FORM: usize = 16;

/// The raw value, kept opaque.
#[derive(Debug, Clone, PartialEq, Eq)]
struct DependencyDescriptor(Box<[u8]>);

#[derive(Debug)]
struct DependencyDescriptorSerializer;

/// The extension as str0m wants it.
pub(super) fn dependency_descriptor_extension() -> Extension {
    Extension::with_serializer(DEPENDENCY_DESCRIPTOR_URI, DependencyDescriptorSerializer)
}

/// The dependency descriptor among a packet's extensions.
pub(super) fn dependency_descriptor(values: &ExtensionValues) -> Option<&[u8]> {
    values
        .user_values
        .get::<DependencyDescriptor>()
        .map(|descriptor| &*descriptor.0)
}

impl ExtensionSerializer for DependencyDescriptorSerializer {
    fn write_to(&self, buffer: &mut [u8], values: &ExtensionValues) -> usize {
        let Some(descriptor) = dependency_descriptor(values) else {
            return 0;
        };
        match buffer.get_mut(..descriptor.len()) {
            Some(target) => {
                target.copy_from_slice(descriptor);
                descriptor.len()
            }
            None => 0,
        }
    }

    fn parse_value(&self, buffer: &[u8], values: &mut ExtensionValues) -> bool {
        values.user_values.set(DependencyDescriptor(buffer.into()));
        true
    }

    fn is_video(&self) -> bool {
        true
    }

    fn is_audio(&self) -> bool {
        false
    }

    fn requires_two_byte_form(&self, values: &ExtensionValues) -> bool {
        dependency_descriptor(values).is_some_and(|descriptor| descriptor.len() > ONE_BYTE_FORM)
    }
}

/// The part of an upstream packet's extensions that means the same to a subscriber; the rest belongs to one hop.
pub(super) fn end_to_end(values: &ExtensionValues) -> ExtensionValues {
    ExtensionValues {
        audio_level: values.audio_level,
        voice_activity: values.voice_activity,
        video_orientation: values.video_orientation,
        video_content_type: values.video_content_type,
        abs_capture_time: values.abs_capture_time,
        play_delay_min: values.play_delay_min,
        play_delay_max: values.play_delay_max,
        user_values: values.user_values.clone(),
        ..ExtensionValues::default()
    }
}
