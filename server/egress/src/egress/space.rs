//! Whether the disk has room for what goes on: beyond the reserve there must be as much again as the tracks whose film is still to be
//! made, for a film is a copy of them. It must not know what is done where there is none.

use std::{collections::HashMap, fs, io, path::Path};

use parking_lot::Mutex;

use crate::{disk_space, record::files::TRACKS};

/// Bytes of the tracks of each egress whose film is not made.
#[derive(Debug, Default)]
pub struct Space(Mutex<HashMap<String, u64>>);

impl Space {
    /// Looks how large an egress's tracks are by now.
    pub fn measure(&self, id: &str, folder: &Path) -> io::Result<()> {
        let size = size_of(&folder.join(TRACKS))?;
        self.0.lock().insert(id.to_owned(), size);
        Ok(())
    }

    /// Bytes of its tracks, when they were last measured.
    pub fn of(&self, id: &str) -> u64 {
        self.0.lock().get(id).copied().unwrap_or(0)
    }

    /// Its film is made, or never will be.
    pub fn made(&self, id: &str) {
        self.0.lock().remove(id);
    }

    /// Whether more can be recorded into `root` and all films still be made, with `reserve` bytes left over.
    pub fn is_left(&self, root: &Path, reserve: u64) -> io::Result<bool> {
        Ok(disk_space::free(root)? > self.needed(reserve))
    }

    fn needed(&self, reserve: u64) -> u64 {
        let films: u64 = self.0.lock().values().sum();
        reserve.saturating_add(films)
    }
}

fn size_of(folder: &Path) -> io::Result<u64> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    entries.map(|entry| Ok(entry?.metadata()?.len())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracks_take_their_size_twice_until_their_film_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let tracks = folder.path().join(TRACKS);
        fs::create_dir(&tracks).unwrap();
        fs::write(tracks.join("TR_a.0.webm"), vec![0; 3_000_000]).unwrap();
        let space = Space::default();
        space
            .measure("EG_new", &folder.path().join("nothing yet"))
            .unwrap();
        assert_eq!(space.needed(5), 5);
        space.measure("EG_a", folder.path()).unwrap();
        assert_eq!(space.needed(5), 3_000_005);
        space.made("EG_a");
        assert_eq!(space.needed(5), 5);
    }
}
