//! Packets in the shape of Opus: speech as noise every 20 ms, silence as discontinuous transmission has it.

use std::time::Duration;

const CLOCK_RATE: u64 = 48_000;
const PACKET: Duration = Duration::from_millis(20);
/// In silence one packet says so in a while.
const SILENCE: Duration = Duration::from_millis(400);
/// A CELT frame of 20 ms, full band, mono, as the first byte of a packet says.
const TOC: u8 = 0xf8;
const SPEECH_BYTES: usize = 80;

/// Makes one packet after the other.
#[derive(Debug, Default)]
pub(crate) struct SyntheticAudio {
    speaking: bool,
    rtp_time: u64,
}

/// One packet, and when the next is due.
pub(crate) struct AudioPacket {
    pub rtp_time: u64,
    pub loudness: i8,
    pub data: Vec<u8>,
    pub next: Duration,
}

impl SyntheticAudio {
    pub fn speak(&mut self, speaking: bool) {
        self.speaking = speaking;
    }

    pub fn next_packet(&mut self) -> AudioPacket {
        let (next, bytes, loudness) = if self.speaking {
            (PACKET, SPEECH_BYTES, -20)
        } else {
            (SILENCE, 2, -127)
        };
        let rtp_time = self.rtp_time;
        self.rtp_time += CLOCK_RATE * u64::from(next.subsec_millis()) / 1_000;
        let mut data = vec![0x5a; bytes];
        data[0] = TOC;
        AudioPacket {
            rtp_time,
            loudness,
            data,
            next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_few_quiet_packets_and_the_clock_goes_on() {
        let mut audio = SyntheticAudio::default();
        let silent = audio.next_packet();
        assert_eq!((silent.next, silent.loudness), (SILENCE, -127));
        audio.speak(true);
        let loud = audio.next_packet();
        assert_eq!((loud.rtp_time, loud.next), (19_200, PACKET));
        assert_eq!(audio.next_packet().rtp_time, 19_200 + 960);
    }
}
