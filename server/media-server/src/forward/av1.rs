//! Finds keyframe starts in AV1 payloads by the aggregation header, for streams without a dependency descriptor.

/// Whether the payload starts a new coded video sequence (the N bit), which is a keyframe.
pub fn av1_keyframe(payload: &[u8]) -> bool {
    const CONTINUES: u8 = 0x80;
    const NEW_SEQUENCE: u8 = 0x08;
    payload
        .first()
        .is_some_and(|header| header & NEW_SEQUENCE != 0 && header & CONTINUES == 0)
}

#[cfg(test)]
mod tests {
    use super::av1_keyframe;

    #[test]
    fn the_n_bit_marks_a_new_sequence() {
        assert!(av1_keyframe(&[0b0001_1000, 0]));
        assert!(!av1_keyframe(&[0b0001_0000, 0]));
        assert!(!av1_keyframe(&[]));
    }
}
