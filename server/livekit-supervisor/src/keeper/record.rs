//! What a keeper leaves in the data folder, so that the next supervisor finds it: where it listens, and how both know each other.

use std::{
    fs, io,
    io::Read,
    os::{fd::OwnedFd, unix::fs::MetadataExt},
    path::{Path, PathBuf},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::keys::{sync_folder, write_private};

/// A process that was killed is gone by then.
const KILLED_WITHIN: Duration = Duration::from_secs(2);

/// One keeper, as its file says. Readable by us alone.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    /// The keeper's process.
    pub keeper: Identity,
    /// Where it listens.
    pub socket: String,
    /// Whoever says this may command it.
    pub knock: String,
    /// Whoever says this is it.
    pub answer: String,
    /// The folder that it was left in: in a copy of that folder it tells of nobody of ours.
    pub folder: Folder,
    /// The generated file of its child, which is to go with it.
    pub config_file: Option<PathBuf>,
    /// What its child was told.
    pub told: serde_json::Value,
    /// Whose file it is: keeper and child run as nobody else. For others, root looks at it as well.
    #[serde(skip, default = "own_user")]
    pub owner: u32,
}

/// A folder that is no other, whatever it is called and wherever it is moved to on its disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folder {
    device: u64,
    number: u64,
}

impl Folder {
    /// The one that this file is in.
    pub fn of(file: &Path) -> io::Result<Self> {
        let folder = fs::metadata(file.parent().unwrap_or(file))?;
        Ok(Self {
            device: folder.dev(),
            number: folder.ino(),
        })
    }
}

/// A process that is no other, whoever gets its number later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its number.
    pub pid: u32,
    /// When it started, in ticks since the machine did; `None` where the system does not say.
    pub started: Option<u64>,
    /// Which start of the machine that was.
    pub boot: Option<String>,
}

impl Record {
    /// Where the record of this child is.
    pub fn path(data_dir: &Path, name: &str) -> PathBuf {
        data_dir.join(format!("{name}-child.json"))
    }

    /// `None` where there is none, or one that nobody understands: a child that it told of ends by itself.
    pub fn load(path: &Path) -> Option<Self> {
        let read = fs::File::open(path).and_then(|mut file| {
            let mut text = Vec::new();
            file.read_to_end(&mut text)?;
            Ok((text, file.metadata()?.uid()))
        });
        let (text, owner) = match read {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "cannot read who keeps a child");
                return None;
            }
        };
        let record: Self = serde_json::from_slice(&text)
            .inspect_err(|error| tracing::warn!(path = %path.display(), %error, "this is not the record of a child"))
            .ok()?;
        if Folder::of(path).is_ok_and(|folder| folder != record.folder) {
            tracing::warn!(path = %path.display(), "the data folder is a copy: the children of the original are left alone");
            // Not what it names, which is the original's.
            let _ = fs::remove_file(path);
            return None;
        }
        Some(Self { owner, ..record })
    }

    /// There in whole or not at all.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let part = path.with_extension("json.part");
        write_private(&part, &serde_json::to_string(self)?)?;
        fs::rename(&part, path)?;
        sync_folder(path)
    }

    /// Removes the record, and the file of a child that is gone with it. No other file, whatever the record says.
    pub fn remove(&self, path: &Path) {
        let folder = |file: &Path| file.parent().and_then(|folder| folder.canonicalize().ok());
        let beside = self.config_file.as_deref();
        let beside = beside.filter(|file| folder(file).is_some_and(|of| Some(of) == folder(path)));
        for file in beside.into_iter().chain([path]) {
            let _ = fs::remove_file(file);
        }
    }

    /// Removes it, unless its keeper lives and only could not be reached: the next attempt may. Says whether it did.
    pub fn remove_if_dead(&self, path: &Path) -> bool {
        let is_dead = !self.keeper.lives();
        if is_dead {
            // It may be the next one's by now.
            if Self::load(path).is_some_and(|now| now.keeper == self.keeper) {
                self.remove(path);
            }
        } else {
            let pid = self.keeper.pid;
            tracing::warn!(pid, "the keeper of a child is there, and cannot be reached");
        }
        is_dead
    }

    /// The same, of a keeper that is about to be gone.
    pub async fn remove_once_dead(&self, path: &Path) -> bool {
        let until = Instant::now() + KILLED_WITHIN;
        while self.keeper.lives() && Instant::now() < until {
            sleep(Duration::from_millis(10)).await;
        }
        self.remove_if_dead(path)
    }

    /// Kills its keeper, and no process of anybody else: a record may name any.
    pub fn kill_keeper(&self) {
        if is_of(self.keeper.pid, self.owner) {
            self.keeper.kill();
        }
    }
}

impl Identity {
    /// This process.
    pub fn own() -> Self {
        Self::of(std::process::id())
    }

    /// Whoever has this number now.
    pub fn of(pid: u32) -> Self {
        Self {
            pid,
            started: started(pid),
            boot: boot(),
        }
    }

    /// Whether it is still there, as far as the system says.
    pub fn lives(&self) -> bool {
        *self == Self::of(self.pid) && self.started.is_some() == cfg!(target_os = "linux")
    }

    /// Kills it, if it is still there; a process that has its number by now is left alone.
    pub fn kill(&self) {
        let Some(pid) = i32::try_from(self.pid).ok().filter(|pid| *pid > 1) else {
            return;
        };
        if self.started.is_some() && *self == Self::of(self.pid) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }
}

/// The 22nd word of its `stat`; the second may hold blanks and brackets.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut words = stat.rsplit_once(')')?.1.split_whitespace();
    // One that nobody has buried yet is no more.
    words.next().filter(|state| !["Z", "X"].contains(state))?;
    words.nth(18)?.parse().ok()
}

/// Whether the process runs as this user, as far as the system says.
pub fn is_of(pid: u32, user: u32) -> bool {
    let real = fs::read_to_string(format!("/proc/{pid}/status"))
        .ok()
        .and_then(|status| {
            let ids = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
            ids.split_whitespace().next()?.parse::<u32>().ok()
        });
    real.map_or(cfg!(not(target_os = "linux")), |real| real == user)
}

fn boot() -> Option<String> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned())
}

/// A listener that no file and no folder's length stands in the way of.
#[cfg(target_os = "linux")]
pub fn listen(socket: &str) -> io::Result<std::os::unix::net::UnixListener> {
    use std::os::linux::net::SocketAddrExt;
    let address = std::os::unix::net::SocketAddr::from_abstract_name(socket)?;
    std::os::unix::net::UnixListener::bind_addr(&address)
}

/// What it is called by whoever connects to it: abstract names begin with a zero.
#[cfg(target_os = "linux")]
fn socket_file(socket: &str) -> PathBuf {
    format!("\0{socket}").into()
}

#[cfg(not(target_os = "linux"))]
fn socket_file(socket: &str) -> PathBuf {
    std::env::temp_dir().join(socket)
}

/// Other systems know sockets by files only.
#[cfg(not(target_os = "linux"))]
pub fn listen(socket: &str) -> io::Result<std::os::unix::net::UnixListener> {
    std::os::unix::net::UnixListener::bind(socket_file(socket))
}

/// Connects to it; waits while more are in front of it than it has taken.
pub async fn connect(socket: &str) -> io::Result<tokio::net::UnixStream> {
    loop {
        match tokio::net::UnixStream::connect(socket_file(socket)).await {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                sleep(Duration::from_millis(50)).await;
            }
            done => return done,
        }
    }
}

/// Who we are to others on a socket; nobody, where the system does not say.
pub fn own_user() -> u32 {
    tokio::net::UnixStream::pair()
        .and_then(|(one, _other)| one.peer_cred())
        .map_or(u32::MAX, |peer| peer.uid())
}

/// The end that a keeper is started with.
pub fn inherited() -> io::Result<std::os::unix::net::UnixStream> {
    use std::os::fd::AsFd;
    let fd: OwnedFd = io::stdin().as_fd().try_clone_to_owned()?;
    Ok(fd.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_record_is_private_whole_and_read_back() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = Record::path(folder.path(), "livekit");
        assert!(Record::load(&path).is_none());
        let record = Record {
            keeper: Identity::own(),
            socket: "s".to_owned(),
            knock: "k".to_owned(),
            answer: "a".to_owned(),
            folder: Folder::of(&path).unwrap(),
            config_file: None,
            told: serde_json::json!({"x": 1}),
            owner: own_user(),
        };
        record.write(&path).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let read = Record::load(&path).unwrap();
        assert_eq!((read.keeper, read.told), (record.keeper, record.told));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        // In a copy of the folder it is nobody's.
        let copy = tempfile::tempdir().unwrap();
        let copied = Record::path(copy.path(), "livekit");
        fs::copy(&path, &copied).unwrap();
        assert!(Record::load(&copied).is_none());
        assert!(!copied.exists());
        assert!(Record::load(&path).is_some());
        // Half of it, as a machine that lost power may leave it.
        let half = fs::read(&path).unwrap();
        fs::write(&path, &half[..half.len() / 2]).unwrap();
        assert!(Record::load(&path).is_none());
    }

    #[tokio::test]
    async fn a_record_takes_only_a_file_beside_it_along() {
        let folder = tempfile::tempdir().unwrap();
        let path = Record::path(folder.path(), "livekit");
        let beside = folder.path().join("livekit-child.yaml");
        let elsewhere = folder.path().join("other").join("livekit-child.yaml");
        fs::create_dir(folder.path().join("other")).unwrap();
        for (file, goes) in [(&beside, true), (&elsewhere, false)] {
            fs::write(file, "port: 1\n").unwrap();
            let record = Record {
                keeper: Identity {
                    boot: Some("another".to_owned()),
                    ..Identity::own()
                },
                socket: "s".to_owned(),
                knock: "k".to_owned(),
                answer: "a".to_owned(),
                folder: Folder::of(&path).unwrap(),
                config_file: Some(file.clone()),
                told: serde_json::Value::Null,
                owner: own_user(),
            };
            record.write(&path).unwrap();
            assert_eq!(Record::load(&path).unwrap().owner, own_user());
            assert!(record.remove_if_dead(&path));
            assert_eq!((path.exists(), file.exists()), (false, !goes));
        }
    }

    #[tokio::test]
    async fn whose_a_process_is_decides() {
        assert!(is_of(std::process::id(), own_user()));
        assert!(!is_of(std::process::id(), own_user() + 1) || cfg!(not(target_os = "linux")));
    }

    #[test]
    fn a_number_that_another_process_got_is_not_killed() {
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let real = Identity::of(child.id());
        assert_eq!(real, Identity::of(child.id()));
        for other in [
            Identity {
                started: real.started.map(|at| at - 1),
                ..real.clone()
            },
            Identity {
                boot: Some("another".to_owned()),
                ..real.clone()
            },
            Identity {
                started: None,
                ..real.clone()
            },
        ] {
            other.kill();
            assert_eq!(child.try_wait().unwrap(), None, "{other:?}");
        }
        real.kill();
        child.wait().unwrap();
    }
}
