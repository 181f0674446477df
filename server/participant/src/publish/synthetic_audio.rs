//! Opus at hardly any cost: speech is one packet of a tone every 20 ms, silence is as discontinuous transmission has it.

use std::time::Duration;

const CLOCK_RATE: u64 = 48_000;
const PACKET: Duration = Duration::from_millis(20);
/// In silence one packet says so in a while.
const SILENCE: Duration = Duration::from_millis(400);
/// 20 ms of 440 Hz by libopus, which may follow itself any number of times.
const TONE: &[u8] = include_bytes!("synthetic/tone.opus");
/// A CELT frame of 20 ms, full band, mono, in which nothing is heard.
const NOTHING: &[u8] = &[0xf8, 0xff, 0xfe];

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
        let (next, data, loudness) = if self.speaking {
            (PACKET, TONE, -20)
        } else {
            (SILENCE, NOTHING, -127)
        };
        let rtp_time = self.rtp_time;
        self.rtp_time += CLOCK_RATE * u64::from(next.subsec_millis()) / 1_000;
        AudioPacket {
            rtp_time,
            loudness,
            data: data.to_vec(),
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
