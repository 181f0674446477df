//! Looks at an encoder's messages before the library does, whose reader of AMF0 goes down one call for each level of nesting: a
//! stranger must not end the process with a stack that is too deep. It must not know what a message means.

use rml_rtmp::{chunk_io::ChunkDeserializer, messages::RtmpMessage};

use super::RtmpError;

const SET_CHUNK_SIZE: u8 = 1;
/// Data and commands, in AMF0 and AMF3.
const WITH_VALUES: [u8; 4] = [15, 17, 18, 20];
/// Markers of AMF0 after which values are nested: objects and two kinds of arrays.
const NESTING: [u8; 3] = [3, 8, 10];
/// An encoder's longest message, its metadata, has some dozens of such bytes, most of them in lengths and numbers.
const MOST: usize = 512;

/// Reads along.
pub(super) struct Screen {
    chunks: ChunkDeserializer,
}

impl Screen {
    pub fn new() -> Screen {
        Screen {
            chunks: ChunkDeserializer::new(),
        }
    }

    /// Whether what the encoder sends can be read on. However values are nested, each level has a marker.
    pub fn look(&mut self, mut bytes: &[u8]) -> Result<(), RtmpError> {
        let broken = |error: &dyn ToString| RtmpError::Session(error.to_string());
        while let Some(message) = self
            .chunks
            .get_next_message(bytes)
            .map_err(|error| broken(&error))?
        {
            bytes = &[];
            if WITH_VALUES.contains(&message.type_id) {
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
