//! Keeps a child alive beside the media child: writes its file, starts, watches, restarts and stops it. It knows nothing of what
//! the child does.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    time::{Duration, SystemTime},
};

use livekit_client::Probe;
use tokio::{
    runtime::Handle,
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use url::Url;

use crate::{
    backoff::Backoff,
    choose::command_line,
    logs::{ChildLog, Speaker},
    options::{Command, Timings},
    ports,
    processes::{Parent, asked, drain, kill_group},
    supervisor::{plain, url_of},
    yaml::ConfigFile,
};

const LAST_OUTPUT: Duration = Duration::from_secs(1);
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What any child beside the media child needs.
#[derive(Debug, Clone)]
pub struct SideOptions {
    /// The program; ` --config FILE` is appended.
    pub command: Command,
    /// The program that calls [`crate::child_exec`] with the arguments that follow its own.
    pub child_exec: Command,
    /// Where it listens, and answers probes; see [`SideHandle::free_address`].
    pub address: SocketAddr,
    /// Folder for the generated file.
    pub data_dir: PathBuf,
    /// The LiveKit server that it works for, and its keys.
    pub livekit: crate::Endpoint,
    /// How long restarts wait.
    pub timings: Timings,
}

/// Which child it is, and what it is told.
pub(crate) struct Side {
    pub options: SideOptions,
    /// Its name in messages: `egress`.
    pub name: &'static str,
    pub speaker: Speaker,
    /// The generated file's name and text.
    pub file_name: &'static str,
    pub config: String,
    /// Where others than the supervisor come to it.
    pub door: Option<Door>,
}

/// A port that the child needs beside its own; nothing is started while another program has it.
#[derive(Clone, Copy)]
pub(crate) struct Door {
    pub address: SocketAddr,
    /// The setting that names the port.
    pub key: &'static str,
}

/// What a child beside the media child is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SideState {
    /// Started, not answering yet.
    Starting {
        /// What the one before ended of.
        after: Option<SideFailure>,
    },
    /// Answers.
    Ready,
    /// Not running; will be started again.
    Down {
        /// Why.
        reason: SideFailure,
    },
    /// Ended because we were asked to.
    Stopped,
}

/// Why a child beside the media child does not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SideFailure {
    /// Another program listens where it should.
    PortTaken {
        /// The port.
        port: u16,
        /// The setting that names it.
        key: &'static str,
    },
    /// It could not be started, hung or ended: in words.
    Ended(String),
}

impl fmt::Display for SideFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PortTaken { port, key } => write!(
                f,
                "port {port} is taken by another program; free it, or choose another with {key}"
            ),
            Self::Ended(how) => f.write_str(how),
        }
    }
}

/// Holds the child's life: dropping it kills the child at once.
#[derive(Debug)]
pub struct SideHandle {
    url: Url,
    state: watch::Receiver<SideState>,
    stop: watch::Sender<Option<Duration>>,
    task: JoinHandle<()>,
}

impl SideHandle {
    /// An address of this machine that nobody listens at, to be told to others before the child is started.
    pub fn free_address() -> io::Result<SocketAddr> {
        let port = ports::choose_signal_port(0, ADDRESS)?;
        Ok(SocketAddr::new(ADDRESS, port))
    }

    /// The address as others call it.
    pub fn url_of(address: SocketAddr) -> Url {
        url_of(address)
    }

    /// Begins to keep the child running. Must be called inside a tokio runtime.
    pub(crate) fn start(side: Side, wall_clock: fn() -> SystemTime) -> io::Result<SideHandle> {
        let url = url_of(side.options.address);
        let parent = Parent::start(Handle::current())?;
        let (telling, state) = watch::channel(SideState::Starting { after: None });
        let (stop, stopped) = watch::channel(None);
        let life = Life {
            side,
            url: url.clone(),
            wall_clock,
            parent,
            state: telling,
            stop: stopped,
        };
        let task = tokio::spawn(life.run());
        Ok(SideHandle {
            url,
            state,
            stop,
            task,
        })
    }

    /// Where it answers.
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// What it is doing.
    pub fn state(&self) -> watch::Receiver<SideState> {
        self.state.clone()
    }

    /// SIGTERM, up to `grace` for the child to put down what it does, then SIGKILL.
    pub async fn shutdown(self, grace: Duration) {
        self.stop.send_replace(Some(grace));
        if let Err(error) = self.task.await {
            tracing::error!(%error, "a child's supervisor ended badly");
        }
    }
}

struct Life {
    side: Side,
    url: Url,
    wall_clock: fn() -> SystemTime,
    parent: Parent,
    state: watch::Sender<SideState>,
    stop: watch::Receiver<Option<Duration>>,
}

enum End {
    Asked,
    Failed {
        reason: SideFailure,
        ready_for: Duration,
    },
}

impl Life {
    async fn run(mut self) {
        let mut backoff = Backoff::new(self.side.options.timings);
        let mut said = None;
        while let End::Failed { reason, ready_for } = self.live_once().await {
            let retry_in = backoff.after_failure(ready_for);
            let seconds = retry_in.as_secs();
            let name = self.side.name;
            match &reason {
                // A port may be another program's for weeks.
                SideFailure::PortTaken { .. } if said.as_ref() == Some(&reason) => {}
                SideFailure::PortTaken { .. } => tracing::warn!("{name} child waits: {reason}"),
                SideFailure::Ended(_) => {
                    tracing::error!(retry_in_seconds = seconds, "{name} child is down: {reason}");
                }
            }
            said = Some(reason.clone());
            let after = Some(reason.clone());
            self.state.send_replace(SideState::Down { reason });
            tokio::select! {
                () = sleep(retry_in) => {}
                _ = asked(&mut self.stop) => break,
            }
            self.state.send_replace(SideState::Starting { after });
        }
        self.state.send_replace(SideState::Stopped);
    }

    async fn live_once(&self) -> End {
        let broken = |reason: SideFailure| End::Failed {
            reason,
            ready_for: Duration::ZERO,
        };
        let failed = |how: String| broken(SideFailure::Ended(how));
        let side = &self.side;
        if let Some(Door { address, key }) = side.door
            && let Err(error) = TcpListener::bind(address)
        {
            return if error.kind() == io::ErrorKind::AddrInUse {
                let port = address.port();
                broken(SideFailure::PortTaken { port, key })
            } else {
                failed(format!("cannot listen on {address} ({key}): {error}"))
            };
        }
        let options = &side.options;
        let file = match ConfigFile::write(&options.data_dir, side.file_name, &side.config) {
            Ok(file) => file,
            Err(error) => return failed(format!("its file cannot be written: {error}")),
        };
        let line = command_line(&options.command, &options.child_exec, file.path());
        let mut child = match self.parent.spawn(&line).await {
            Ok(child) => child,
            Err(error) => return failed(format!("it cannot be started: {error}")),
        };
        let pid = child.id().unwrap_or_default();
        let log = ChildLog::new(side.speaker, options.livekit.keys.api_secret.clone());
        let mut output = log.relay_all(&mut child);
        let mut ready_at = None;
        let mut stop = self.stop.clone();
        let (grace, status) = tokio::select! {
            biased;
            status = child.wait() => (None, Some(status)),
            grace = asked(&mut stop) => (Some(grace), None),
            () = self.watch(pid, &mut ready_at) => (None, None),
        };
        if let Some(grace) = grace {
            drain(side.name, &mut child, Instant::now(), grace).await;
        }
        kill_group(pid);
        let status = match status {
            Some(status) => status,
            None => child.wait().await,
        };
        let drained = async { while output.join_next().await.is_some() {} };
        // A process that it left behind may hold the pipe open.
        let _ = timeout(LAST_OUTPUT, drained).await;
        drop(file);
        if grace.is_some() {
            return End::Asked;
        }
        let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        let words = log.last_words().unwrap_or_default();
        End::Failed {
            reason: SideFailure::Ended(format!("it ended ({status}): {words}")),
            ready_for: ready_at.map_or(Duration::ZERO, |at: Instant| at.elapsed()),
        }
    }

    /// Tells when it answers; ends when it hangs.
    async fn watch(&self, pid: u32, ready_at: &mut Option<Instant>) {
        let timings = self.side.options.timings;
        let probe = Probe {
            endpoint: self.side.options.livekit.of_client_at(self.url.clone()),
            way: plain(),
            wall_clock: self.wall_clock,
            timeout: timings.probe_timeout,
        };
        let deadline = Instant::now() + timings.start_timeout;
        while let Err(error) = probe.healthy().await {
            if Instant::now() >= deadline && !error.is_our_own() {
                return;
            }
            sleep(timings.start_probe_interval).await;
        }
        *ready_at = Some(Instant::now());
        let name = self.side.name;
        tracing::info!(pid, address = %self.side.options.address, "{name} child is ready");
        self.state.send_replace(SideState::Ready);
        let mut failures = 0;
        while failures < timings.health_failures {
            sleep(timings.health_interval).await;
            match probe.healthy().await {
                Ok(()) => failures = 0,
                Err(error) if error.is_our_own() => {}
                Err(error) => {
                    failures += 1;
                    tracing::warn!(pid, failures, "{name} child failed a health probe: {error}");
                }
            }
        }
    }
}

/// A server's address as participants call it.
pub(crate) fn ws_url(livekit: &crate::Endpoint) -> io::Result<Url> {
    let mut url = livekit.internal_url.clone();
    let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
    url.set_scheme(scheme)
        .map_err(|()| io::Error::other("the server's address is no http address"))?;
    Ok(url)
}
