//! Looks at an encoder's messages before the library does, whose reader of AMF0 goes down one call for each level of nesting: a
//! stranger must not end the process with a stack that is too deep. It must not know what a message means.

use rml_rtmp::{chunk_io::ChunkDeserializer, messages::RtmpMessage};

use super::RtmpError;

const SET_CHUNK_SIZE: u8 = 1;
/// Data and commands, in AMF0 and AMF3.
const WITH_VALUES: [u8; 4] = [15, 17, 18, 20];
/// Markers of AMF0 after which values are nested: objects and two kinds of arrays.
const NESTING: [u8; 3] = [3, 8, 10];
/// Of one message; the library keeps what is not whole yet.
const LONGEST: usize = 8 << 20;
/// The same for those with values, each of which takes more memory than its byte.
const LONGEST_WITH_VALUES: usize = 64 << 10;
const COMMANDS: [u8; 2] = [17, 20];
/// An encoder needs about six, and the library remembers what it was asked.
const MOST_COMMANDS: usize = 100;
/// An encoder's longest message, its metadata, has some dozens of such bytes, most of them in lengths and numbers.
const MOST: usize = 512;

/// Reads along.
pub(super) struct Screen {
    chunks: ChunkDeserializer,
    /// Bytes since the last message that was whole.
    waiting: usize,
    commands: usize,
}

impl Screen {
    pub fn new() -> Screen {
        Screen {
            chunks: ChunkDeserializer::new(),
            waiting: 0,
            commands: 0,
        }
    }

    /// Whether what the encoder sends can be read on. However values are nested, each level has a marker.
    pub fn look(&mut self, mut bytes: &[u8]) -> Result<(), RtmpError> {
        self.waiting += bytes.len();
        let broken = |error: &dyn ToString| RtmpError::Session(error.to_string());
        while let Some(message) = self
            .chunks
            .get_next_message(bytes)
            .map_err(|error| broken(&error))?
        {
            bytes = &[];
            self.waiting = 0;
            if WITH_VALUES.contains(&message.type_id) {
                self.commands += usize::from(COMMANDS.contains(&message.type_id));
                if message.data.len() > LONGEST_WITH_VALUES || self.commands > MOST_COMMANDS {
                    return Err(RtmpError::TooMuch);
                }
                let nesting = message.data.iter().filter(|byte| NESTING.contains(byte));
                if nesting.count() > MOST {
                    return Err(RtmpError::TooMuch);
                }
            } else if message.type_id == SET_CHUNK_SIZE
                && let RtmpMessage::SetChunkSize { size } =
                    message.to_rtmp_message().map_err(|error| broken(&error))?
            {
                let set = self.chunks.set_max_chunk_size(size as usize);
                set.map_err(|error| broken(&error))?;
            }
        }
        if self.waiting > LONGEST {
            return Err(RtmpError::TooMuch);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use rml_rtmp::{chunk_io::ChunkSerializer, messages::MessagePayload, time::RtmpTimestamp};

    use super::*;

    fn message(type_id: u8, data: Vec<u8>) -> Vec<u8> {
        let payload = MessagePayload {
            timestamp: RtmpTimestamp::new(0),
            type_id,
            message_stream_id: 0,
            data: Bytes::from(data),
        };
        let mut chunks = ChunkSerializer::new();
        chunks.serialize(&payload, true, false).unwrap().bytes
    }

    #[test]
    fn commands_are_few_and_short_and_no_message_is_endless() {
        let mut screen = Screen::new();
        let too_much = |looked: Result<(), RtmpError>| matches!(looked, Err(RtmpError::TooMuch));
        let command = vec![2, 0, 1, 65, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5];
        for _ in 0..MOST_COMMANDS {
            screen.look(&message(20, command.clone())).unwrap();
        }
        assert!(too_much(screen.look(&message(20, command))));
        let long = vec![5; LONGEST_WITH_VALUES + 1];
        assert!(too_much(Screen::new().look(&message(18, long))));
        let mut screen = Screen::new();
        let picture = message(9, vec![0; 16_000_000]);
        assert!(too_much(screen.look(&picture[..=LONGEST])));
    }

    #[test]
    fn values_that_are_nested_without_end_are_not_read() {
        // Arrays of one element, each in the other.
        let deep = [10, 0, 0, 0, 1].repeat(10_000);
        let looked = Screen::new().look(&message(20, deep.clone()));
        assert!(matches!(looked, Err(RtmpError::TooMuch)), "{looked:?}");
        // As media it is never read.
        Screen::new().look(&message(9, deep)).unwrap();
        Screen::new().look(&message(20, vec![2, 0, 1, 65])).unwrap();
    }
}
