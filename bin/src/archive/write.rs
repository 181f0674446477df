//! Writes an archive.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use sha2::{Digest, Sha256};
use tar::{Builder, Header};

use super::{ABOUT, About, CHECKSUMS, hex};

/// An archive that is being written.
pub struct Writer<W: Write> {
    tar: Builder<W>,
    checksums: String,
    names: BTreeSet<String>,
}

impl<W: Write> Writer<W> {
    /// Begins with what it is.
    pub fn begin(out: W, about: &About) -> io::Result<Writer<W>> {
        let mut writer = Writer {
            tar: Builder::new(out),
            checksums: String::new(),
            // Nothing else may be called like the end.
            names: BTreeSet::from([CHECKSUMS.to_owned()]),
        };
        let about = serde_json::to_vec_pretty(about)?;
        writer.names.insert(ABOUT.to_owned());
        writer.put(ABOUT, about.len() as u64, about.as_slice())?;
        Ok(writer)
    }

    /// Adds a file as it is now; one that grows meanwhile is cut where it ended when it was opened. A name that is there
    /// already is refused: nobody could unpack both.
    pub fn add(&mut self, file: &Path, name: &str) -> io::Result<()> {
        let file = File::open(file)?;
        if !self.names.insert(name.to_owned()) {
            return Err(io::Error::other(format!("{name} is in the backup already")));
        }
        let size = file.metadata()?.len();
        self.put(name, size, file)
    }

    /// Ends with the checksums.
    pub fn finish(mut self) -> io::Result<W> {
        let checksums = std::mem::take(&mut self.checksums);
        self.put(CHECKSUMS, checksums.len() as u64, checksums.as_bytes())?;
        let mut out = self.tar.into_inner()?;
        out.flush()?;
        Ok(out)
    }

    fn put(&mut self, name: &str, size: u64, content: impl Read) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_size(size);
        // Nobody else's business, wherever it is unpacked.
        header.set_mode(0o600);
        let mut read = Summed {
            content: content.take(size),
            hash: Sha256::new(),
            count: 0,
        };
        self.tar.append_data(&mut header, name, &mut read)?;
        if read.count != size {
            return Err(io::Error::other(format!("{name} became shorter meanwhile")));
        }
        let sum = hex(&read.hash.finalize());
        for part in [&sum, "  ", name, "\n"] {
            self.checksums.push_str(part);
        }
        Ok(())
    }
}

struct Summed<R> {
    content: R,
    hash: Sha256,
    count: u64,
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.content.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.count += count as u64;
        Ok(count)
    }
}
