//! Reads a file that is still being written, cluster by cluster, from any keyframe on. What is not whole yet comes later.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use nix::fcntl::{FallocateFlags, fallocate};

use super::{
    ebml, id,
    reader::{Block, blocks},
};

/// Enough for a cluster's head, its time, and the head of its first block.
const PEEK: usize = 48;
/// No head is longer, with whatever a codec has to say.
const LONGEST_HEAD: usize = 64 * 1024;
/// File systems give back whole blocks of this size, or of a part of it.
const BLOCK: u64 = 64 * 1024;

/// A place in a file that grows. Copies go on from there by themselves.
#[derive(Debug, Clone)]
pub struct Tail {
    file: Arc<File>,
    /// Everything before the first cluster.
    head: Arc<[u8]>,
    /// Where the next cluster begins.
    position: u64,
    over: Arc<AtomicBool>,
    /// Until where the file was given back to the disk.
    freed: u64,
}

/// A cluster's beginning.
struct Peek {
    at: u64,
    /// Decoding can begin with it.
    keyframe: bool,
    length: u64,
}

impl Tail {
    /// Opens a file with one track at its first cluster; `None` when its head is not there yet.
    pub fn open(path: &Path) -> io::Result<Option<Tail>> {
        let file = File::open(path)?;
        let mut bytes = vec![0; LONGEST_HEAD];
        let length = read_up_to(&file, 0, &mut bytes)?;
        bytes.truncate(length);
        let Some(end) = head_of(&bytes) else {
            return Ok(None);
        };
        bytes.truncate(end);
        Ok(Some(Tail {
            file: Arc::new(file),
            freed: (bytes.len() as u64).next_multiple_of(BLOCK),
            position: bytes.len() as u64,
            head: bytes.into(),
            over: Arc::default(),
        }))
    }

    /// What a decoder needs before the first cluster.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Nothing more is written; also for all copies.
    pub fn set_over(&self) {
        self.over.store(true, Ordering::Release);
    }

    /// Whether nothing more is written.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Goes forward to the last cluster that begins with a keyframe at `at` milliseconds or before.
    pub fn seek(&mut self, at: u64) -> io::Result<()> {
        let mut position = self.position;
        while let Some(peek) = self.peek(position)? {
            if peek.at > at {
                break;
            }
            if peek.keyframe {
                self.position = position;
            }
            position += peek.length;
        }
        Ok(())
    }

    /// Where it is, for [`Tail::free`].
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Gives what is before `position`, but for the head, back to the disk: nobody reads it again. `path` is the file's. A file system
    /// that cannot is an error.
    pub fn free(&mut self, path: &Path, position: u64) -> io::Result<()> {
        let until = position / BLOCK * BLOCK;
        if until <= self.freed {
            return Ok(());
        }
        let file = OpenOptions::new().write(true).open(path)?;
        let hole = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
        let [from, length] = [self.freed, until - self.freed].map(u64::cast_signed);
        fallocate(file, hole, from, length)?;
        self.freed = until;
        Ok(())
    }

    /// The next whole cluster, as it is in the file.
    pub fn next_cluster(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some(peek) = self.peek(self.position)? else {
            return Ok(None);
        };
        let mut bytes = vec![0; usize::try_from(peek.length).unwrap_or_default()];
        if read_up_to(&self.file, self.position, &mut bytes)? < bytes.len() {
            return Ok(None);
        }
        self.position += peek.length;
        Ok(Some(bytes))
    }

    /// The frames of the next whole cluster.
    pub fn next_blocks(&mut self) -> io::Result<Option<Vec<Block>>> {
        let cluster = self.next_cluster()?;
        Ok(cluster.map(|bytes| {
            ebml::elements(&bytes)
                .flat_map(|(_, content)| blocks(content).collect::<Vec<_>>())
                .collect()
        }))
    }

    fn peek(&self, position: u64) -> io::Result<Option<Peek>> {
        let mut bytes = [0; PEEK];
        let length = read_up_to(&self.file, position, &mut bytes)?;
        Ok(peek(&bytes[..length]))
    }
}

fn peek(bytes: &[u8]) -> Option<Peek> {
    let head = ebml::head(bytes)?;
    let length = head.length as u64 + head.size?;
    if head.id != id::CLUSTER {
        return None;
    }
    let content = bytes.get(head.length..)?;
    let (first, time) = ebml::elements(content).next()?;
    let at = ebml::uint(time).filter(|_| first == id::TIMESTAMP)?;
    let after = ebml::head(content)?.length + time.len();
    let block = content.get(after..)?;
    let of_block = ebml::head(block).filter(|head| head.id == id::SIMPLE_BLOCK)?;
    let flags = block.get(of_block.length + 3)?;
    Some(Peek {
        at,
        keyframe: flags & 0x80 != 0,
        length,
    })
}

/// Where the first cluster is to begin.
fn head_of(bytes: &[u8]) -> Option<usize> {
    let ebml_head = ebml::head(bytes)?;
    let mut position = ebml_head.length + usize::try_from(ebml_head.size?).ok()?;
    position += ebml::head(bytes.get(position..)?)
        .filter(|head| head.id == id::SEGMENT)?
        .length;
    loop {
        let rest = bytes.get(position..)?;
        let head = ebml::head(rest)?;
        let end = head.length + usize::try_from(head.size?).ok()?;
        rest.get(..end)?;
        position += end;
        if head.id == id::TRACKS {
            return Some(position);
        }
    }
}

fn read_up_to(file: &File, position: u64, bytes: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < bytes.len() {
        match file.read_at(&mut bytes[length..], position + length as u64) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::{TrackEntry, TrackKind, Writer};

    fn entry() -> TrackEntry {
        TrackEntry {
            codec_id: "V_VP8".to_owned(),
            codec_private: None,
            kind: TrackKind::Video {
                width: 64,
                height: 36,
            },
        }
    }

    fn times(tail: &mut Tail) -> Vec<u64> {
        let mut times = Vec::new();
        while let Some(blocks) = tail.next_blocks().unwrap() {
            times.extend(blocks.iter().map(|block| block.at));
        }
        times
    }

    #[test]
    fn a_file_is_read_while_it_is_written_and_from_any_keyframe_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.webm");
        let mut writer = Writer::create(&path, &[entry()]).unwrap();
        let mut tail = Tail::open(&path).unwrap().unwrap();
        assert!(times(&mut tail).is_empty());
        let mut late = tail.clone();
        for at in 0..8 {
            writer.write(1, at * 100, at % 4 == 0, &[7; 30]).unwrap();
            if at % 2 == 1 {
                writer.flush().unwrap();
            }
            if at == 2 {
                assert_eq!(times(&mut tail), [0, 100]);
            }
        }
        assert_eq!(times(&mut tail), [200, 300, 400, 500, 600, 700]);
        late.seek(650).unwrap();
        assert_eq!(times(&mut late), [400, 500, 600, 700]);
        tail.set_over();
        assert!(late.is_over());
    }

    #[test]
    fn what_was_read_is_given_back_and_the_rest_is_read_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.webm");
        let mut writer = Writer::create(&path, &[entry()]).unwrap();
        let mut tail = Tail::open(&path).unwrap().unwrap();
        for at in 0..20 {
            writer.write(1, at * 100, true, &vec![7; 50_000]).unwrap();
            writer.sync().unwrap();
        }
        let blocks = || std::os::unix::fs::MetadataExt::blocks(&path.metadata().unwrap());
        let before = blocks();
        tail.seek(1_500).unwrap();
        let position = tail.position();
        match tail.free(&path, position) {
            // Some file systems cannot.
            Err(error) => assert_eq!(
                error.raw_os_error(),
                Some(nix::errno::Errno::EOPNOTSUPP as i32),
                "{error}"
            ),
            Ok(()) => assert!(blocks() < before / 2, "{} of {before}", blocks()),
        }
        assert_eq!(times(&mut tail), [1_500, 1_600, 1_700, 1_800, 1_900]);
        assert!(Tail::open(&path).unwrap().is_some(), "the head is there");
    }

    #[test]
    fn half_a_cluster_comes_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.webm");
        drop(Writer::create(&path, &[entry()]).unwrap());
        let mut tail = Tail::open(&path).unwrap().unwrap();
        let cluster = crate::cluster(5, &[(1, 5, &[1; 300][..])]);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(&cluster[..100]).unwrap();
        assert_eq!(tail.next_cluster().unwrap(), None);
        file.write_all(&cluster[100..]).unwrap();
        assert_eq!(tail.next_cluster().unwrap(), Some(cluster));
        std::fs::write(folder.path().join("b.webm"), [0x1A, 0x45]).unwrap();
        assert!(Tail::open(&folder.path().join("b.webm")).unwrap().is_none());
    }
}
