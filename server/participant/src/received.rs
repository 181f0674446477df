//! Counts what arrives, per RTP stream, without looking into it.

use std::collections::HashMap;

/// What a participant received so far, all streams together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Received {
    /// RTP packets, duplicates not counted.
    pub packets: u64,
    /// Payload bytes.
    pub bytes: u64,
    /// Packets that the sequence numbers promise and that have not come.
    pub lost: u64,
    /// Frames that were put together; where packets are counted, packets that end one.
    pub frames: u64,
}

#[derive(Debug)]
struct Stream {
    first: u64,
    highest: u64,
    packets: u64,
}

/// Keeps the numbers of every stream.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    streams: HashMap<u32, Stream>,
    bytes: u64,
    frames: u64,
}

impl Counter {
    /// Takes one packet; `sequence` is extended, so that it never wraps.
    pub fn count(&mut self, ssrc: u32, sequence: u64, payload: usize, ends_frame: bool) {
        let stream = self.streams.entry(ssrc).or_insert(Stream {
            first: sequence,
            highest: sequence,
            packets: 0,
        });
        stream.first = stream.first.min(sequence);
        stream.highest = stream.highest.max(sequence);
        stream.packets += 1;
        self.bytes += payload as u64;
        self.frames += u64::from(ends_frame);
    }

    /// Takes one frame that was put together.
    pub fn frame(&mut self, bytes: usize) {
        self.frames += 1;
        self.bytes += bytes as u64;
    }

    pub fn total(&self) -> Received {
        let mut received = Received {
            bytes: self.bytes,
            frames: self.frames,
            ..Received::default()
        };
        for stream in self.streams.values() {
            received.packets += stream.packets;
            received.lost += (stream.highest - stream.first + 1).saturating_sub(stream.packets);
        }
        received
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_lost_until_it_is_filled() {
        let mut counter = Counter::default();
        for sequence in [10, 11, 13] {
            counter.count(1, sequence, 100, false);
        }
        assert_eq!(
            counter.total(),
            Received {
                packets: 3,
                bytes: 300,
                lost: 1,
                ..Received::default()
            }
        );
        counter.count(1, 12, 100, true);
        assert_eq!(
            counter.total(),
            Received {
                packets: 4,
                bytes: 400,
                lost: 0,
                frames: 1,
            }
        );
    }
}
