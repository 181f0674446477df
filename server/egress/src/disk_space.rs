//! How much room there is for recordings.

use std::{io, path::Path};

/// Bytes that are free for us on the disk of `folder`.
pub fn free(folder: &Path) -> io::Result<u64> {
    let stat = nix::sys::statvfs::statvfs(folder)?;
    Ok(stat.blocks_available() * stat.fragment_size())
}
