//! Reads a byte slice bit by bit, most significant first, for header extensions that are not byte aligned.

/// The slice ended in the middle of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OutOfBits;

pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Bits<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// Reads `count` bits, at most 32.
    pub(super) fn read(&mut self, count: u32) -> Result<u32, OutOfBits> {
        debug_assert!(count <= 32);
        let mut value = 0u32;
        for _ in 0..count {
            let byte = self.bytes.get(self.position / 8).ok_or(OutOfBits)?;
            let bit = (byte >> (7 - self.position % 8)) & 1;
            value = (value << 1) | u32::from(bit);
            self.position += 1;
        }
        Ok(value)
    }

    pub(super) fn flag(&mut self) -> Result<bool, OutOfBits> {
        Ok(self.read(1)? == 1)
    }

    /// Reads at most eight bits.
    pub(super) fn byte(&mut self, count: u32) -> Result<u8, OutOfBits> {
        debug_assert!(count <= 8);
        Ok(self.read(count)?.to_le_bytes()[0])
    }

    /// Reads AV1's `ns(n)`: a value below `n` in as few bits as that takes.
    pub(super) fn non_symmetric(&mut self, n: u32) -> Result<u32, OutOfBits> {
        let Some(floor_log2) = n.checked_ilog2() else {
            return Ok(0);
        };
        let short_codes = (1u32 << (floor_log2 + 1)) - n;
        let value = self.read(floor_log2)?;
        if value < short_codes {
            return Ok(value);
        }
        Ok((value << 1) - short_codes + self.read(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_read_most_significant_first_across_bytes() {
        let mut bits = Bits::new(&[0b1010_0000, 0b1111_0000]);
        assert_eq!(bits.read(3), Ok(0b101));
        assert_eq!(bits.read(9), Ok(0b0_0000_1111));
        assert_eq!(bits.read(5), Err(OutOfBits));
    }

    #[test]
    fn non_symmetric_values_use_short_codes_first() {
        // n = 5: 00, 01 and 10 are complete, 11 has a third bit: 00 01 10 110 111.
        let mut bits = Bits::new(&[0b0001_1011, 0b0111_0000]);
        let values: Vec<_> = (0..5).map(|_| bits.non_symmetric(5)).collect();
        assert_eq!(values, [Ok(0), Ok(1), Ok(2), Ok(3), Ok(4)]);
        assert_eq!(Bits::new(&[]).non_symmetric(1), Ok(0));
    }
}
