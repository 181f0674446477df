//! Starting and killing processes: the thread that is their parent, their group, the little of our environment they get.

use std::{ffi::OsString, io, path::PathBuf, process::Stdio, sync::mpsc, thread, time::Duration};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use tokio::{
    process::Child,
    runtime::Handle,
    sync::{oneshot, watch},
    time::{Instant, sleep_until, timeout},
};

use crate::options::Command;

/// What a child inherits. Everything else stays here: our environment may hold secrets, and livekit-server lets
/// variables such as LIVEKIT_CONFIG, LIVEKIT_KEYS, NODE_IP or UDP_PORT override its file.
const INHERITED: [&str; 14] = [
    "GODEBUG",
    "GOGC",
    "GOMAXPROCS",
    "GOMEMLIMIT",
    "HOME",
    "LANG",
    "LC_ALL",
    "PATH",
    "RUST_BACKTRACE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TMPDIR",
    "TZ",
    "USER",
];

struct Request {
    command: tokio::process::Command,
    reply: oneshot::Sender<io::Result<Child>>,
}

/// What a process is given beside what it inherits.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// Of its environment; the last of one name counts.
    pub variables: Vec<(OsString, OsString)>,
    /// Ours if not said.
    pub working_dir: Option<PathBuf>,
}

/// A thread that starts processes and lives as long as this value.
///
/// The kernel's death signal comes when the *thread* that started a process ends, not its program, and tokio's
/// blocking threads end after ten idle seconds; hence a thread of our own.
#[derive(Debug)]
pub struct Parent {
    requests: mpsc::Sender<Request>,
}

impl Parent {
    pub fn start(runtime: Handle) -> io::Result<Self> {
        let (requests, received) = mpsc::channel::<Request>();
        thread::Builder::new()
            .name("livekit-child".to_owned())
            .spawn(move || {
                let _entered = runtime.enter();
                while let Ok(Request { mut command, reply }) = received.recv() {
                    // A caller that is gone drops the child, which kills it.
                    let _ = reply.send(command.spawn());
                }
            })?;
        Ok(Self { requests })
    }

    /// Starts a process as the leader of its own group, so that a Ctrl-C in the terminal does not reach it.
    pub async fn spawn_in(&self, line: &Command, surroundings: &Surroundings) -> io::Result<Child> {
        let mut command = tokio::process::Command::new(&line.program);
        command
            .args(&line.args)
            .env_clear()
            .envs(inherited(std::env::vars_os()))
            .envs(surroundings.variables.iter().cloned())
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(folder) = &surroundings.working_dir {
            command.current_dir(folder);
        }
        let (reply, answer) = oneshot::channel();
        let gone = || io::Error::other("the thread that starts the child is gone");
        self.requests
            .send(Request { command, reply })
            .map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// The part of an environment that a child gets.
pub fn inherited(
    environment: impl Iterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = (OsString, OsString)> {
    environment.filter(|(name, _)| INHERITED.iter().any(|allowed| name == allowed))
}

/// How a child that may outlive us is parted with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stop {
    /// From SIGTERM to SIGKILL; none kills at once.
    pub grace: Duration,
    /// Whether one that has work goes on without us.
    pub spares_work: bool,
}

/// Resolves when the end is asked for; a dropped handle asks for it at once, as the default says.
pub async fn asked<How: Copy + Default>(stop: &mut watch::Receiver<Option<How>>) -> How {
    match stop.wait_for(Option::is_some).await {
        Ok(how) => how.unwrap_or_default(),
        Err(_) => How::default(),
    }
}

/// Whether [`asked`] resolved because nobody is left to ask.
pub fn was_dropped<How>(stop: &watch::Receiver<Option<How>>) -> bool {
    stop.borrow().is_none() && stop.has_changed().is_err()
}

/// Asks a child to end, once it has `settled`, and waits while it does what it has to.
pub async fn drain(name: &str, child: &mut Child, settled: Instant, grace: Duration) {
    let Some(pid) = child.id() else {
        return;
    };
    let ended = async {
        tokio::select! {
            _ = child.wait() => return,
            () = sleep_until(settled) => terminate_group(pid),
        }
        // A failed wait is the same as an end: the kill that follows finds nobody.
        let _ = child.wait().await;
    };
    if timeout(grace, ended).await.is_err() {
        tracing::warn!(pid, "{name} did not end in time and is killed");
    }
}

/// Asks the whole group to end.
pub fn terminate_group(leader: u32) {
    signal_group(leader, Signal::SIGTERM);
}

/// Ends the whole group now, also what a wrapper script left behind.
pub fn kill_group(leader: u32) {
    signal_group(leader, Signal::SIGKILL);
}

fn signal_group(leader: u32, signal: Signal) {
    // 0 would be our own group, 1 the machine's first process.
    let Some(leader) = i32::try_from(leader).ok().filter(|leader| *leader > 1) else {
        return;
    };
    match killpg(Pid::from_raw(leader), signal) {
        // Already gone is what we wanted.
        Ok(()) | Err(nix::errno::Errno::ESRCH) => {}
        Err(error) => tracing::warn!(leader, %signal, %error, "cannot signal the child's group"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_livekits_overriding_variables_are_not_inherited() {
        let environment = [
            "PATH",
            "HOME",
            "LIVEKIT_CONFIG",
            "LIVEKIT_KEYS",
            "NODE_IP",
            "CONVOKE_AUTH__PASSWORD",
        ];
        let kept: Vec<_> = inherited(environment.iter().map(|name| ((*name).into(), "x".into())))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(kept, ["PATH", "HOME"]);
    }
}
