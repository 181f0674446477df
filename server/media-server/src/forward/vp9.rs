//! Reads VP9 payload descriptors (RFC 9628) as far as layer choice needs them.

use super::layer::Layer;

/// A VP9 payload descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vp9Header {
    /// First packet of a layer frame (B).
    pub start: bool,
    /// Last packet of a layer frame (E).
    pub end: bool,
    /// The picture refers to earlier pictures (P).
    pub inter_picture: bool,
    /// The layer frame's layer; zero when the stream has none.
    pub layer: Layer,
    /// U: a receiver may move up to this temporal layer here.
    pub switching_up: bool,
}

impl Vp9Header {
    /// Parses the start of an RTP payload; `None` when it is truncated.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let mut bytes = payload.iter().copied();
        let first = bytes.next()?;
        if first & 0x80 != 0 {
            let picture_id = bytes.next()?;
            if picture_id & 0x80 != 0 {
                bytes.next()?;
            }
        }
        let mut layer = Layer::LOWEST;
        let mut switching_up = false;
        if first & 0x20 != 0 {
            let indices = bytes.next()?;
            layer = Layer {
                spatial: (indices >> 1) & 7,
                temporal: indices >> 5,
            };
            switching_up = indices & 0x10 != 0;
        }
        Some(Self {
            start: first & 0x08 != 0,
            end: first & 0x04 != 0,
            inter_picture: first & 0x40 != 0,
            layer,
            switching_up,
        })
    }

    /// First packet of a picture that needs no earlier one.
    pub const fn keyframe(&self) -> bool {
        self.start && !self.inter_picture && self.layer.spatial == 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn layer_indices_follow_the_picture_id() {
        // I, P, L, B, E; 15-bit PictureID; TID 2, U, SID 1.
        let header = Vp9Header::parse(&[0b1110_1100, 0x81, 0x02, 0b0101_0010, 0]).unwrap();
        assert_eq!(
            header.layer,
            Layer {
                spatial: 1,
                temporal: 2
            }
        );
        assert!(header.start && header.end && header.inter_picture && header.switching_up);
        assert!(!header.keyframe());
    }

    #[test]
    fn a_keyframe_starts_with_the_lowest_spatial_layer_and_no_reference() {
        assert!(
            Vp9Header::parse(&[0b1010_1000, 0x01, 0b0000_0000, 0])
                .unwrap()
                .keyframe()
        );
        assert!(
            !Vp9Header::parse(&[0b1010_1000, 0x01, 0b0000_0010, 0])
                .unwrap()
                .keyframe()
        );
        assert!(
            !Vp9Header::parse(&[0b1010_0000, 0x01, 0b0000_0000, 0])
                .unwrap()
                .keyframe()
        );
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..8)) {
            let _ = Vp9Header::parse(&bytes);
        }
    }
}
