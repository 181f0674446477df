//! Reads VP8 payload descriptors (RFC 7741): frame start, keyframe, picture number, temporal layer.

/// A VP8 payload descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vp8Header {
    /// First packet of a frame.
    pub start: bool,
    /// First packet of a keyframe.
    pub keyframe: bool,
    /// PictureID and whether it is 15 bits wide (else 7).
    pub picture_id: Option<PictureId>,
    /// TL0PICIDX.
    pub tl0_pic_idx: Option<u8>,
    /// Temporal layer.
    pub temporal: Option<u8>,
    /// Y: the frame refers to base-layer frames only, so a receiver may start on this temporal layer.
    pub layer_sync: bool,
    /// KEYIDX, 5 bits.
    pub key_idx: Option<u8>,
}

/// A PictureID as it stands in the packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureId {
    /// 7 or 15 bits.
    pub value: u16,
    /// 15 bits wide.
    pub wide: bool,
}

impl Vp8Header {
    /// Parses the start of an RTP payload; `None` when it is truncated.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let mut bytes = payload.iter().copied();
        let first = bytes.next()?;
        let start = matches!(first & 0x17, 0x10);
        let mut header = Self {
            start,
            keyframe: false,
            picture_id: None,
            tl0_pic_idx: None,
            temporal: None,
            layer_sync: false,
            key_idx: None,
        };
        if first & 0x80 != 0 {
            let extension = bytes.next()?;
            if extension & 0x80 != 0 {
                let high = bytes.next()?;
                let wide = high & 0x80 != 0;
                let mut value = u16::from(high & 0x7f);
                if wide {
                    value = (value << 8) | u16::from(bytes.next()?);
                }
                header.picture_id = Some(PictureId { value, wide });
            }
            if extension & 0x40 != 0 {
                header.tl0_pic_idx = Some(bytes.next()?);
            }
            if extension & 0x30 != 0 {
                let byte = bytes.next()?;
                if extension & 0x20 != 0 {
                    header.temporal = Some(byte >> 6);
                    header.layer_sync = byte & 0x20 != 0;
                }
                if extension & 0x10 != 0 {
                    header.key_idx = Some(byte & 0x1f);
                }
            }
        }
        // The payload header's P bit, present only in a frame's first packet, is 0 in keyframes.
        header.keyframe = bytes.next()? & 0x01 == 0 && start;
        Some(header)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A payload as Chrome writes it: 15-bit PictureID, TL0PICIDX, TID and KEYIDX.
    pub(in crate::forward) fn payload(
        picture: u16,
        tl0: u8,
        temporal: u8,
        sync: bool,
        keyframe: bool,
        start: bool,
    ) -> Vec<u8> {
        let [high, low] = picture.to_be_bytes();
        vec![
            0x80 | if start { 0x10 } else { 0 },
            0xf0,
            0x80 | high,
            low,
            tl0,
            (temporal << 6) | if sync { 0x20 } else { 0 } | 3,
            u8::from(!keyframe),
            0xaa,
        ]
    }

    #[test]
    fn every_field_of_a_full_descriptor_is_read() {
        let header = Vp8Header::parse(&payload(0x1234, 9, 2, true, true, true)).unwrap();
        assert_eq!(
            header,
            Vp8Header {
                start: true,
                keyframe: true,
                picture_id: Some(PictureId {
                    value: 0x1234,
                    wide: true
                }),
                tl0_pic_idx: Some(9),
                temporal: Some(2),
                layer_sync: true,
                key_idx: Some(3),
            }
        );
    }

    #[test]
    fn a_seven_bit_picture_id_is_one_byte() {
        let header = Vp8Header::parse(&[0x90, 0x80, 0x45, 0x01]).unwrap();
        assert_eq!(
            header.picture_id,
            Some(PictureId {
                value: 0x45,
                wide: false
            })
        );
        assert!(!header.keyframe);
    }

    #[test]
    fn only_the_first_packet_of_a_frame_can_start_a_keyframe() {
        assert!(
            !Vp8Header::parse(&payload(1, 1, 0, false, true, false))
                .unwrap()
                .keyframe
        );
        assert!(
            !Vp8Header::parse(&[0x11, 0x00]).unwrap().keyframe,
            "second partition"
        );
    }

    #[test]
    fn a_truncated_descriptor_is_refused() {
        let whole = payload(1, 1, 0, false, true, true);
        for length in 0..=6 {
            assert_eq!(Vp8Header::parse(&whole[..length]), None, "{length} bytes");
        }
    }

    proptest! {
        #[test]
        fn we_read_what_str0m_reads(bytes in proptest::collection::vec(any::<u8>(), 0..16)) {
            if let Ok(theirs) = str0m::rtp::Vp8Descriptor::parse(&bytes) {
                let ours = Vp8Header::parse(&bytes).unwrap();
                prop_assert_eq!(ours.picture_id.map(|id| id.value), theirs.picture_id());
                prop_assert_eq!(ours.tl0_pic_idx, theirs.tl0_pic_idx());
                prop_assert_eq!(ours.key_idx, theirs.key_idx());
                prop_assert_eq!(ours.keyframe, theirs.starts_keyframe(&bytes));
            }
        }
    }
}
