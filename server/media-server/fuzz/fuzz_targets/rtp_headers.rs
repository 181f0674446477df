//! No payload or header extension makes a parser panic or read past its end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use media_server::forward::{
    DependencyDescriptor, Vp8Header, Vp9Header, av1_keyframe, h264_keyframe, h265_keyframe, red,
};

fuzz_target!(|input: (&[u8], &[u8])| {
    let (first, second) = input;
    let _ = Vp8Header::parse(first);
    let _ = Vp9Header::parse(first);
    let _ = av1_keyframe(first);
    let _ = h264_keyframe(first);
    let _ = h265_keyframe(first);
    if let Ok(primary) = red::primary(first) {
        assert!(primary.len() < first.len());
    }
    // The second descriptor is read with the structure that the first one brought.
    let structure =
        DependencyDescriptor::parse(first, None).ok().and_then(|descriptor| descriptor.attached);
    let _ = DependencyDescriptor::parse(second, structure.as_deref());
});
