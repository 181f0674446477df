//! What a backup is: a tar file that opens with what it is and closes with the checksums of all that is in it. It must not
//! know what a site does with its files.

mod read;
mod write;

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use serde::{Deserialize, Serialize};

pub use read::unpack;
pub use write::Writer;

/// The first file.
const ABOUT: &str = "convoke-backup.json";
/// The last file, as `sha256sum --check` reads it.
const CHECKSUMS: &str = "SHA256SUMS";
/// Whether a file of this name, beside the content, is the archive's own.
pub fn is_own(name: &str) -> bool {
    [ABOUT, CHECKSUMS].contains(&name)
}

/// Whether this file is such an archive, or the beginning of one.
pub fn is_archive(file: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(file)?.take(512).read_to_end(&mut start)?;
    let name = start.strip_prefix(ABOUT.as_bytes());
    Ok(name.is_some_and(|rest| rest.starts_with(&[0]))
        && start
            .get(257..)
            .is_some_and(|rest| rest.starts_with(b"ustar")))
}

/// Of how things stand in the archive; another number is another format.
const FORMAT: u32 = 1;

/// What the archive is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    format: u32,
    /// The Convoke that made it.
    pub version: String,
    /// When, in RFC 3339.
    pub made_at: String,
    /// The number of the database's newest migration; none where the database is PostgreSQL and not in here.
    pub schema: Option<i64>,
    /// Whether films are in here, and not only their index.
    pub recordings: bool,
}

impl About {
    /// This Convoke's.
    pub fn new(made_at: String, schema: Option<i64>, recordings: bool) -> About {
        About {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            made_at,
            schema,
            recordings,
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Text takes everything.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn archive() -> (tempfile::TempDir, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("keys"), "secret").unwrap();
        fs::write(folder.path().join("film"), vec![7; 100_000]).unwrap();
        let about = About::new("2026-11-30T06:00:00Z".to_owned(), Some(3), false);
        let mut writer = Writer::begin(Vec::new(), &about).unwrap();
        writer.add(&folder.path().join("keys"), "tls/keys").unwrap();
        writer.add(&folder.path().join("film"), "film").unwrap();
        (folder, writer.finish().unwrap())
    }

    fn unpack(bytes: &[u8], into: &Path) -> anyhow::Result<About> {
        super::unpack(bytes, |name| name != "bad", |_| Ok(into.to_owned()))
    }

    #[test]
    fn what_went_in_comes_out() {
        let (folder, bytes) = archive();
        let into = folder.path().join("out");
        fs::create_dir(&into).unwrap();
        let about = unpack(&bytes, &into).unwrap();
        assert_eq!(about.schema, Some(3));
        assert_eq!(fs::read(into.join("tls/keys")).unwrap(), b"secret");
        assert_eq!(fs::read(into.join("film")).unwrap(), vec![7; 100_000]);
    }

    #[test]
    fn a_name_is_written_once() {
        let (folder, _) = archive();
        let about = About::new(String::new(), None, false);
        let mut writer = Writer::begin(Vec::new(), &about).unwrap();
        let keys = folder.path().join("keys");
        writer.add(&keys, "keys").unwrap();
        for name in ["keys", ABOUT, CHECKSUMS] {
            let refused = writer.add(&keys, name).unwrap_err().to_string();
            assert_eq!(refused, format!("{name} is in the backup already"));
        }
        let into = folder.path().join("out");
        fs::create_dir(&into).unwrap();
        unpack(&writer.finish().unwrap(), &into).unwrap();
    }

    #[test]
    fn an_archive_is_known_by_its_beginning() {
        let (folder, bytes) = archive();
        let file = folder.path().join("file");
        let mut other = bytes.clone();
        other[0] = b'C';
        for (bytes, expected) in [
            (&bytes[..], true),
            (&bytes[..512], true),
            (&bytes[..100], false),
            (&other, false),
            (ABOUT.as_bytes(), false),
            (b"", false),
        ] {
            fs::write(&file, bytes).unwrap();
            assert_eq!(is_archive(&file).unwrap(), expected);
        }
    }

    #[test]
    fn an_archive_that_is_cut_anywhere_is_refused() {
        let (folder, bytes) = archive();
        // Behind the last line there is nothing but zeros.
        let end = bytes.iter().rposition(|byte| *byte == b'\n').unwrap();
        for length in (0..=end).rev().step_by(511) {
            let into = folder.path().join(length.to_string());
            fs::create_dir(&into).unwrap();
            unpack(&bytes[..length], &into).unwrap_err();
        }
    }

    #[test]
    fn a_byte_that_differs_is_found() {
        let (folder, bytes) = archive();
        let secret = bytes.windows(6).position(|part| part == b"secret").unwrap();
        let mut changed = bytes.clone();
        changed[secret] ^= 1;
        let into = folder.path().join("out");
        fs::create_dir(&into).unwrap();
        let refused = unpack(&changed, &into).unwrap_err().to_string();
        assert_eq!(refused, "tls/keys in it is damaged: its checksum differs");
    }

    #[test]
    fn other_files_and_names_that_lead_out_are_refused() {
        let (folder, _) = archive();
        let refused = unpack(b"no tar at all", folder.path()).unwrap_err();
        assert_eq!(refused.to_string(), "it is no backup of Convoke");
        for (name, says) in [
            ("../out", "leads out of it"),
            ("/etc/passwd", "leads out of it"),
            ("./bad", "leads out of it"),
            ("bad", "is nothing that a backup holds"),
            ("bad/file", "is nothing that a backup holds"),
        ] {
            let about = About::new(String::new(), None, false);
            let mut tar = tar::Builder::new(Vec::new());
            let about = serde_json::to_vec(&about).unwrap();
            for (path, data) in [(ABOUT, about.as_slice()), (name, b"x")] {
                let mut header = tar::Header::new_gnu();
                // Past the checks of the library.
                header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
                header.set_size(data.len() as u64);
                header.set_cksum();
                tar.append(&header, data).unwrap();
            }
            let bytes = tar.into_inner().unwrap();
            let refused = unpack(&bytes, folder.path()).unwrap_err().to_string();
            assert!(refused.contains(says), "{refused}");
        }
    }
}
