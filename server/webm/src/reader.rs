//! Reads files that [`Writer`](super::Writer) wrote, up to where they are torn.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use super::{
    ebml::{self, Head},
    id,
    writer::{TrackEntry, TrackKind},
};

/// No element of ours is larger: a cluster ends at 4 MiB, or with the one frame that is larger.
const LARGEST_ELEMENT: u64 = 64 * 1024 * 1024;
/// Room for one of these is made at once.
const USUAL_ELEMENT: u64 = 2 * 1024 * 1024;

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its track's, from 1.
    pub number: u8,
    /// Milliseconds.
    pub at: u64,
    /// Decoding can begin here.
    pub keyframe: bool,
    /// The frame.
    pub frame: Vec<u8>,
}

/// A file, or a program's output, that is read once from its start.
#[derive(Debug)]
pub struct Reader<Input = BufReader<File>> {
    input: Input,
    tracks: Vec<TrackEntry>,
    /// Blocks of the cluster that was read last, the next one last.
    blocks: Vec<Block>,
    /// Where the next element begins.
    position: u64,
    places: HeadPlaces,
}

/// Where the parts of a file's head begin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct HeadPlaces {
    /// Behind the segment's own head: what positions count from.
    pub segment_content: u64,
    pub info: u64,
    pub tracks: u64,
    /// The first cluster's place.
    pub end: u64,
}

/// A cluster, for whoever looks for places in a file.
#[derive(Debug)]
pub(super) struct Cluster {
    pub position: u64,
    pub length: u64,
    pub content: Vec<u8>,
}

impl Reader {
    /// Reads the head. A file whose head is torn is an error of kind `InvalidData`.
    pub fn open(path: &Path) -> io::Result<Reader> {
        Reader::new(BufReader::with_capacity(256 * 1024, File::open(path)?))
    }
}

impl<Input: Read> Reader<Input> {
    /// [`Reader::open`] of what comes from elsewhere.
    pub fn new(input: Input) -> io::Result<Reader<Input>> {
        let mut reader = Reader {
            input,
            tracks: Vec::new(),
            blocks: Vec::new(),
            position: 0,
            places: HeadPlaces::default(),
        };
        let torn = || io::Error::new(io::ErrorKind::InvalidData, "the file has no whole head");
        let (head, _) = reader.element()?.ok_or_else(torn)?;
        if head.id != id::EBML {
            return Err(torn());
        }
        let segment = reader.head()?.ok_or_else(torn)?;
        if segment.id != id::SEGMENT {
            return Err(torn());
        }
        reader.places.segment_content = reader.position;
        loop {
            let position = reader.position;
            let (head, content) = reader.element()?.ok_or_else(torn)?;
            if head.id == id::INFO {
                reader.places.info = position;
            }
            if head.id == id::TRACKS {
                reader.places.tracks = position;
                reader.places.end = reader.position;
                reader.tracks = ebml::elements(&content)
                    .filter(|(id, _)| *id == id::TRACK_ENTRY)
                    .map(|(_, entry)| track(entry))
                    .collect();
                return Ok(reader);
            }
        }
    }

    pub(super) fn places(&self) -> HeadPlaces {
        self.places
    }

    /// The tracks, the first one numbered 1.
    pub fn tracks(&self) -> &[TrackEntry] {
        &self.tracks
    }

    /// The next frame; `None` at the end, or where the rest is torn.
    pub fn next_block(&mut self) -> io::Result<Option<Block>> {
        while self.blocks.is_empty() {
            let Some(cluster) = self.next_cluster()? else {
                return Ok(None);
            };
            self.blocks = blocks(&cluster.content).collect();
            self.blocks.reverse();
        }
        Ok(self.blocks.pop())
    }

    /// The next whole cluster.
    pub(super) fn next_cluster(&mut self) -> io::Result<Option<Cluster>> {
        loop {
            let position = self.position;
            let Some((head, content)) = self.element()? else {
                return Ok(None);
            };
            if head.id == id::CLUSTER {
                let length = self.position - position;
                return Ok(Some(Cluster {
                    position,
                    length,
                    content,
                }));
            }
        }
    }

    fn element(&mut self) -> io::Result<Option<(Head, Vec<u8>)>> {
        let Some(head) = self.head()? else {
            return Ok(None);
        };
        let Some(size) = head.size.filter(|size| *size <= LARGEST_ELEMENT) else {
            return Ok(None);
        };
        let mut content = Vec::with_capacity(usize::try_from(size.min(USUAL_ELEMENT)).unwrap_or(0));
        let read = (&mut self.input).take(size).read_to_end(&mut content)? as u64;
        self.position += read;
        Ok((read == size).then_some((head, content)))
    }

    fn head(&mut self) -> io::Result<Option<Head>> {
        let mut bytes = [0; 12];
        let mut length = 0;
        while length < bytes.len() {
            if self.input.read(&mut bytes[length..=length])? == 0 {
                return Ok(None);
            }
            length += 1;
            if let Some(head) = ebml::head(&bytes[..length]) {
                self.position += length as u64;
                return Ok(Some(head));
            }
        }
        Ok(None)
    }
}

/// The frames in a cluster's content.
pub(super) fn blocks(content: &[u8]) -> impl Iterator<Item = Block> {
    let mut cluster_at = 0;
    ebml::elements(content).filter_map(move |(id, content)| match id {
        id::TIMESTAMP => {
            cluster_at = ebml::uint(content)?;
            None
        }
        id::SIMPLE_BLOCK => {
            let [number, high, low, flags, frame @ ..] = content else {
                return None;
            };
            let relative = i16::from_be_bytes([*high, *low]);
            Some(Block {
                number: number & 0x7F,
                at: cluster_at.checked_add_signed(relative.into())?,
                keyframe: flags & 0x80 != 0,
                frame: frame.to_vec(),
            })
        }
        _ => None,
    })
}

fn track(entry: &[u8]) -> TrackEntry {
    let mut track = TrackEntry {
        codec_id: String::new(),
        codec_private: None,
        kind: TrackKind::Audio {
            channels: 1,
            delay_ns: 0,
        },
    };
    for (id, content) in ebml::elements(entry) {
        match id {
            id::CODEC_ID => track.codec_id = String::from_utf8_lossy(content).into_owned(),
            id::CODEC_PRIVATE => track.codec_private = Some(content.to_vec()),
            id::CODEC_DELAY => {
                if let TrackKind::Audio { delay_ns, .. } = &mut track.kind {
                    *delay_ns = ebml::uint(content).unwrap_or_default();
                }
            }
            id::VIDEO => {
                let pixels = |wanted| {
                    ebml::elements(content)
                        .find(|(id, _)| *id == wanted)
                        .and_then(|(_, content)| u32::try_from(ebml::uint(content)?).ok())
                        .unwrap_or_default()
                };
                track.kind = TrackKind::Video {
                    width: pixels(id::PIXEL_WIDTH),
                    height: pixels(id::PIXEL_HEIGHT),
                };
            }
            id::AUDIO => {
                if let TrackKind::Audio { channels, .. } = &mut track.kind {
                    *channels = ebml::elements(content)
                        .find(|(id, _)| *id == id::CHANNELS)
                        .and_then(|(_, content)| u8::try_from(ebml::uint(content)?).ok())
                        .unwrap_or(1);
                }
            }
            _ => {}
        }
    }
    track
}
