//! Writes a ZIP of files whose sizes and checksums are known before: stored as they are, one after the other, so that
//! its length is known too and nothing is held in memory. Always with 64-bit sizes.

/// One file to come.
#[derive(Debug, Clone)]
pub struct Entry {
    pub name: String,
    pub size: u64,
    pub crc32: u32,
}

const ZIP64: u16 = 45;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
const STORED: u16 = 0;
/// 1980-01-01, as nothing else: films carry their day in their names.
const DATE: u16 = 0x21;
const IN_ZIP64: u32 = u32::MAX;
const LOCAL: usize = 30;
const LOCAL_EXTRA: usize = 20;
const CENTRAL: usize = 46;
const CENTRAL_EXTRA: usize = 28;
const END: u64 = 56 + 20 + 22;

/// What stands before a file's bytes.
pub fn head(entry: &Entry) -> Vec<u8> {
    let mut out = Vec::with_capacity(LOCAL + entry.name.len() + LOCAL_EXTRA);
    out.extend(0x0403_4b50_u32.to_le_bytes());
    out.extend(ZIP64.to_le_bytes());
    common(&mut out, entry);
    out.extend(length(&entry.name).to_le_bytes());
    out.extend(20_u16.to_le_bytes());
    out.extend(entry.name.as_bytes());
    out.extend(1_u16.to_le_bytes());
    out.extend(16_u16.to_le_bytes());
    out.extend(entry.size.to_le_bytes());
    out.extend(entry.size.to_le_bytes());
    out
}

/// What stands behind the last file's bytes.
pub fn tail(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at: u64 = 0;
    for entry in entries {
        out.extend(0x0201_4b50_u32.to_le_bytes());
        out.extend(ZIP64.to_le_bytes());
        out.extend(ZIP64.to_le_bytes());
        common(&mut out, entry);
        out.extend(length(&entry.name).to_le_bytes());
        out.extend(28_u16.to_le_bytes());
        // No comment, the first disk, no attributes.
        out.extend([0; 10]);
        out.extend(IN_ZIP64.to_le_bytes());
        out.extend(entry.name.as_bytes());
        out.extend(1_u16.to_le_bytes());
        out.extend(24_u16.to_le_bytes());
        out.extend(entry.size.to_le_bytes());
        out.extend(entry.size.to_le_bytes());
        out.extend(at.to_le_bytes());
        at += head_length(entry) + entry.size;
    }
    let (count, size) = (entries.len() as u64, out.len() as u64);
    out.extend(0x0606_4b50_u32.to_le_bytes());
    out.extend(44_u64.to_le_bytes());
    out.extend(ZIP64.to_le_bytes());
    out.extend(ZIP64.to_le_bytes());
    out.extend([0; 8]);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(size.to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend(0x0706_4b50_u32.to_le_bytes());
    out.extend(0_u32.to_le_bytes());
    out.extend((at + size).to_le_bytes());
    out.extend(1_u32.to_le_bytes());
    out.extend(0x0605_4b50_u32.to_le_bytes());
    out.extend([0; 4]);
    out.extend(u16::MAX.to_le_bytes());
    out.extend(u16::MAX.to_le_bytes());
    out.extend(IN_ZIP64.to_le_bytes());
    out.extend(IN_ZIP64.to_le_bytes());
    out.extend(0_u16.to_le_bytes());
    out
}

/// How long the whole ZIP is.
pub fn total(entries: &[Entry]) -> u64 {
    let of = |entry: &Entry| {
        let listed = CENTRAL + entry.name.len() + CENTRAL_EXTRA;
        head_length(entry) + entry.size + listed as u64
    };
    entries.iter().map(of).sum::<u64>() + END
}

fn common(out: &mut Vec<u8>, entry: &Entry) {
    out.extend(FLAGS.to_le_bytes());
    out.extend(STORED.to_le_bytes());
    out.extend(0_u16.to_le_bytes());
    out.extend(DATE.to_le_bytes());
    out.extend(entry.crc32.to_le_bytes());
    out.extend(IN_ZIP64.to_le_bytes());
    out.extend(IN_ZIP64.to_le_bytes());
}

fn head_length(entry: &Entry) -> u64 {
    (LOCAL + entry.name.len() + LOCAL_EXTRA) as u64
}

fn length(name: &str) -> u16 {
    u16::try_from(name.len()).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use std::{io::Write, process::Command};

    use super::*;

    #[test]
    fn an_ordinary_reader_takes_it_and_its_length_was_known() {
        let files = [("Größe 1.mp4", b"first".as_slice()), ("two.ogg", b"")];
        let entries: Vec<Entry> = files
            .iter()
            .map(|(name, bytes)| Entry {
                name: (*name).to_owned(),
                size: bytes.len() as u64,
                crc32: crc32fast::hash(bytes),
            })
            .collect();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        for (entry, (_, bytes)) in entries.iter().zip(files) {
            file.write_all(&head(entry)).unwrap();
            file.write_all(bytes).unwrap();
        }
        file.write_all(&tail(&entries)).unwrap();
        assert_eq!(file.path().metadata().unwrap().len(), total(&entries));
        let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); \
            print(z.testzip(), [(i.filename, z.read(i)) for i in z.infolist()])";
        let read = Command::new("python3")
            .args(["-c", script])
            .arg(file.path())
            .output()
            .unwrap();
        let said = String::from_utf8(read.stdout).unwrap();
        assert_eq!(
            said.trim(),
            "None [('Größe 1.mp4', b'first'), ('two.ogg', b'')]"
        );
    }
}
