//! Gives a data folder a whole new content, so that a process that is killed at any moment leaves the old or the new.
//!
//! `restore-….part` is filled. Renamed to `restore-….ready` it holds what is to be; from then on everything only goes
//! forward: what the folder had moves into `replaced-…`, `.ready` is renamed to `.moving`, and what that holds moves into
//! the folder. Whoever claims the folder next goes on where that ended. Nothing but renames of this one file system, for a
//! data folder may be a mount point.

use std::{
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, lchown},
    path::{Path, PathBuf},
};

use nix::unistd::{AccessFlags, access, geteuid};

use crate::data_dir::LOCK_FILE;

/// Films, which stay where they are unless the new content has its own.
pub const RECORDINGS: &str = "recordings";
/// The media server that somebody put there.
pub const LIVEKIT_SERVER: &str = "livekit-server";
const RESTORE: &str = "restore-";
const REPLACED: &str = "replaced-";
const PART: &str = ".part";
const READY: &str = ".ready";
const MOVING: &str = ".moving";

/// Whether `name` is part of a site's content: not a lock, a program, or what this file makes.
pub fn is_content(name: &str) -> bool {
    let ours = [LOCK_FILE, LIVEKIT_SERVER, "lost+found"].contains(&name);
    !ours && !name.starts_with(RESTORE) && !name.starts_with(REPLACED)
}

/// The new content while it is brought together.
pub struct Replacement {
    data_dir: PathBuf,
    stamp: String,
}

impl Replacement {
    /// `stamp` is when; the folder must be claimed.
    pub fn begin(data_dir: &Path, stamp: &str) -> io::Result<Replacement> {
        let mut replacement = Replacement {
            data_dir: data_dir.to_owned(),
            stamp: stamp.to_owned(),
        };
        // Of two within a second each has a name of its own.
        for number in 2.. {
            if !replacement.replaced().exists() {
                break;
            }
            replacement.stamp = format!("{stamp}-{number}");
        }
        DirBuilder::new().mode(0o700).create(replacement.folder())?;
        Ok(replacement)
    }

    /// Where it goes; its files must be on the disk before [`Replacement::commit`].
    pub fn folder(&self) -> PathBuf {
        let Replacement { data_dir, stamp } = self;
        data_dir.join(format!("{RESTORE}{stamp}{PART}"))
    }

    /// What cannot move and would have to, with why, as a sentence; [`Replacement::commit`] would end half-way.
    pub fn obstacle(&self) -> io::Result<Option<String>> {
        let folder = self.data_dir.canonicalize()?;
        let mounted = mount_points();
        for name in names(&folder)? {
            if !moves(&name, &self.folder()) {
                continue;
            }
            let path = folder.join(&name);
            let about = fs::symlink_metadata(&path)?;
            let shown = self.data_dir.join(&name);
            // Never by the number of its device: containers' file systems give files other ones than folders.
            if mounted.contains(&path) {
                return Ok(Some(format!(
                    "{} is a mount point: unmount it",
                    shown.display()
                )));
            }
            // Who moves a folder elsewhere writes in it.
            if about.is_dir() && access(&path, AccessFlags::W_OK).is_err() {
                return Ok(Some(format!(
                    "{} is a folder that only somebody else may write in: give it to the data folder's owner",
                    shown.display()
                )));
            }
        }
        Ok(None)
    }

    /// Puts it into place; where what was there is now, if there was anything.
    pub fn commit(self) -> io::Result<Option<PathBuf>> {
        let part = self.folder();
        make_whole(&part, &fs::metadata(&self.data_dir)?)?;
        let ready = part.with_extension(&READY[1..]);
        fs::rename(&part, ready)?;
        sync(&self.data_dir)?;
        settle(&self.data_dir)?;
        let replaced = self.replaced();
        Ok(replaced.exists().then_some(replaced))
    }

    fn replaced(&self) -> PathBuf {
        self.data_dir.join(format!("{REPLACED}{}", self.stamp))
    }

    /// Leaves the folder as it is.
    pub fn give_up(self) {
        // What is left is removed when the folder is claimed next.
        let _ = fs::remove_dir_all(self.folder());
    }
}

/// Brings to its end what was begun in a folder that is claimed.
pub fn settle(data_dir: &Path) -> io::Result<()> {
    for name in names(data_dir)? {
        let Some(stage) = name.strip_prefix(RESTORE) else {
            continue;
        };
        let path = data_dir.join(&name);
        if stage.ends_with(PART) {
            fs::remove_dir_all(&path)?;
        } else if let Some(stamp) = stage.strip_suffix(READY) {
            set_aside(data_dir, &path, stamp)?;
            let moving = data_dir.join(format!("{RESTORE}{stamp}{MOVING}"));
            fs::rename(&path, &moving)?;
            sync(data_dir)?;
            move_in(data_dir, &moving)?;
        } else if stage.ends_with(MOVING) {
            move_in(data_dir, &path)?;
        }
    }
    Ok(())
}

/// Whether something is to be brought to its end.
pub fn is_pending(data_dir: &Path) -> bool {
    let names = names(data_dir).unwrap_or_default();
    names
        .iter()
        .any(|name| name.starts_with(RESTORE) && (name.ends_with(READY) || name.ends_with(MOVING)))
}

/// The names in a folder.
pub fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        // What has no name in UTF-8 is not of a site.
        names.extend(entry?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

/// Whether something called so in a data folder is to move aside for what is in `new`.
fn moves(name: &str, new: &Path) -> bool {
    is_content(name) && (name != RECORDINGS || new.join(RECORDINGS).exists())
}

/// Where something is mounted, also what is of the same file system; nothing where the system does not say.
fn mount_points() -> Vec<PathBuf> {
    let lines = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let path = |line: &str| line.split(' ').nth(4).map(unescaped);
    lines.lines().filter_map(path).collect()
}

/// A path of `mountinfo`, in which blanks are written as `\040`.
fn unescaped(path: &str) -> PathBuf {
    let mut plain = path.to_owned();
    for (escaped, character) in [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ] {
        plain = plain.replace(escaped, character);
    }
    plain.into()
}

fn set_aside(data_dir: &Path, ready: &Path, stamp: &str) -> io::Result<()> {
    let aside = data_dir.join(format!("{REPLACED}{stamp}"));
    for name in names(data_dir)? {
        if !moves(&name, ready) {
            continue;
        }
        if !aside.exists() {
            DirBuilder::new().mode(0o700).create(&aside)?;
            own_like(&aside, &fs::metadata(data_dir)?)?;
        }
        fs::rename(data_dir.join(&name), aside.join(&name))?;
    }
    if aside.exists() {
        sync(&aside)?;
    }
    sync(data_dir)
}

fn move_in(data_dir: &Path, moving: &Path) -> io::Result<()> {
    for name in names(moving)? {
        fs::rename(moving.join(&name), data_dir.join(&name))?;
    }
    sync(data_dir)?;
    fs::remove_dir(moving)?;
    sync(data_dir)
}

/// Every folder is on the disk, and everything belongs to whoever the data folder belongs to.
fn make_whole(path: &Path, like: &fs::Metadata) -> io::Result<()> {
    own_like(path, like)?;
    if !path.is_dir() {
        return Ok(());
    }
    for name in names(path)? {
        make_whole(&path.join(name), like)?;
    }
    sync(path)
}

/// Only root may give things away, and only then is there anything to give.
pub fn own_like(path: &Path, like: &fs::Metadata) -> io::Result<()> {
    let own = fs::symlink_metadata(path)?;
    if geteuid().is_root() && (own.uid(), own.gid()) != (like.uid(), like.gid()) {
        lchown(path, Some(like.uid()), Some(like.gid()))?;
    }
    Ok(())
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(folder: &Path, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn read(folder: &Path, name: &str) -> String {
        fs::read_to_string(folder.join(name)).unwrap_or_default()
    }

    const OLD: [(&str, &str); 5] = [
        ("convoke.db", "old"),
        ("convoke.db-wal", "old"),
        ("tls/key.pem", "old"),
        ("recordings/film", "film"),
        ("livekit-server", "program"),
    ];

    fn is_new(data_dir: &Path) {
        assert_eq!(read(data_dir, "convoke.db"), "new");
        assert_eq!(read(data_dir, "keys"), "new");
        assert_eq!(read(data_dir, "recordings/film"), "film");
        assert_eq!(read(data_dir, "livekit-server"), "program");
        assert_eq!(read(data_dir, "replaced-1/convoke.db"), "old");
        let expected = [
            "convoke.db",
            "keys",
            "livekit-server",
            "recordings",
            "replaced-1",
        ];
        assert_eq!(names(data_dir).unwrap(), expected);
        let aside = names(&data_dir.join("replaced-1")).unwrap();
        assert_eq!(aside, ["convoke.db", "convoke.db-wal", "tls"]);
    }

    #[test]
    fn the_new_content_takes_the_place_of_the_old_one_which_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path(), &OLD);
        let replacement = Replacement::begin(folder.path(), "1").unwrap();
        fill(
            &replacement.folder(),
            &[("convoke.db", "new"), ("keys", "new")],
        );
        let aside = replacement.commit().unwrap();
        assert_eq!(aside, Some(folder.path().join("replaced-1")));
        is_new(folder.path());
    }

    #[test]
    fn what_was_not_brought_together_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path(), &OLD);
        fill(folder.path(), &[("restore-1.part/convoke.db", "new")]);
        assert!(!is_pending(folder.path()));
        settle(folder.path()).unwrap();
        assert_eq!(read(folder.path(), "convoke.db"), "old");
        assert_eq!(names(folder.path()).unwrap().len(), OLD.len());
    }

    #[test]
    fn whoever_comes_next_goes_on_where_it_was_cut_off() {
        // Every place where it can be: so many renames were done.
        for done in 0..=5 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path();
            fill(path, &OLD);
            let new = [
                ("restore-1.ready/convoke.db", "new"),
                ("restore-1.ready/keys", "new"),
            ];
            fill(path, &new);
            let steps = [
                ("convoke.db", "replaced-1/convoke.db"),
                ("convoke.db-wal", "replaced-1/convoke.db-wal"),
                ("tls", "replaced-1/tls"),
                ("restore-1.ready", "restore-1.moving"),
                ("restore-1.moving/convoke.db", "convoke.db"),
            ];
            for (from, to) in &steps[..done] {
                let to = path.join(to);
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::rename(path.join(from), to).unwrap();
            }
            assert!(is_pending(path));
            settle(path).unwrap();
            is_new(path);
            assert!(!is_pending(path));
        }
    }

    #[test]
    fn a_mount_point_that_would_move_stands_in_the_way() {
        // Two folders that every system with /proc has; nothing is written to either.
        let mounted = Replacement {
            data_dir: PathBuf::from("/"),
            stamp: "1".to_owned(),
        };
        let obstacle = mounted.obstacle().unwrap().unwrap();
        assert!(
            obstacle.ends_with(" is a mount point: unmount it"),
            "{obstacle}"
        );
        assert!(mount_points().contains(&PathBuf::from("/proc")));
        assert_eq!(unescaped("/a\\040b\\134040"), Path::new("/a b\\040"));

        let folder = tempfile::tempdir().unwrap();
        fill(folder.path(), &OLD);
        let replacement = Replacement::begin(folder.path(), "1").unwrap();
        assert_eq!(replacement.obstacle().unwrap(), None);
        assert!(!moves(RECORDINGS, &replacement.folder()));
        fill(&replacement.folder(), &[("recordings/other", "new")]);
        assert!(moves(RECORDINGS, &replacement.folder()));
    }

    #[test]
    fn films_of_the_new_content_take_the_place_of_the_old_ones() {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path(), &OLD);
        let replacement = Replacement::begin(folder.path(), "1").unwrap();
        fill(&replacement.folder(), &[("recordings/other", "new")]);
        replacement.commit().unwrap();
        assert_eq!(read(folder.path(), "recordings/other"), "new");
        assert_eq!(read(folder.path(), "replaced-1/recordings/film"), "film");
    }
}
