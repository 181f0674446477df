//! Keeps the egress child alive beside the media child: writes its file, starts, watches, restarts and stops it. It knows nothing
//! of recordings: what a dead child was doing, the next one finds in its folder.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::{Duration, SystemTime},
};

use livekit_client::Probe;
use secrecy::ExposeSecret;
use serde::Serialize;
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
    keys::ApiKeys,
    logs::{ChildLog, Speaker},
    options::{Command, Timings},
    ports,
    processes::{Parent, asked, drain, kill_group},
    supervisor::{plain, url_of},
    yaml::{ConfigFile, EGRESS_FILE_NAME},
};

const LAST_OUTPUT: Duration = Duration::from_secs(1);
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What the egress child is told.
#[derive(Debug, Clone)]
pub struct EgressOptions {
    /// The program; ` --config FILE` is appended.
    pub command: Command,
    /// The program that calls [`crate::child_exec`] with the arguments that follow its own.
    pub child_exec: Command,
    /// Where it listens; see [`EgressHandle::free_address`].
    pub address: SocketAddr,
    /// Folder for the generated file.
    pub data_dir: PathBuf,
    /// Folder of recordings under way.
    pub folder: PathBuf,
    /// The LiveKit server that it records on, and its keys.
    pub livekit: crate::Endpoint,
    /// Who is told what happens to egresses.
    pub webhook_urls: Vec<Url>,
    /// Free space that recordings leave, in megabytes.
    pub reserve_mb: u64,
    /// The longest recording; 0 for no limit.
    pub max_minutes: u32,
    /// Recordings at the same time.
    pub max_parallel: usize,
    /// The ffmpeg that makes films of several pictures; `None`: it goes without.
    pub ffmpeg: Option<PathBuf>,
    /// How long restarts wait.
    pub timings: Timings,
}

/// What the egress child is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EgressState {
    /// Started, not answering yet.
    Starting,
    /// Answers.
    Ready,
    /// Not running; will be started again.
    Down {
        /// Why.
        reason: String,
    },
    /// Ended because we were asked to.
    Stopped,
}

#[derive(Serialize)]
struct Config<'a> {
    api_key: &'a str,
    api_secret: &'a str,
    ws_url: Url,
    bind_address: IpAddr,
    port: u16,
    folder: &'a PathBuf,
    webhook: Webhook<'a>,
    reserve_mb: u64,
    max_minutes: u32,
    max_parallel: usize,
    /// Empty: it goes without, and looks for none.
    ffmpeg: PathBuf,
    json: bool,
}

#[derive(Serialize)]
struct Webhook<'a> {
    urls: &'a [Url],
}

/// Holds the child's life: dropping it kills the child at once.
#[derive(Debug)]
pub struct EgressHandle {
    url: Url,
    state: watch::Receiver<EgressState>,
    stop: watch::Sender<Option<Duration>>,
    task: JoinHandle<()>,
}

impl EgressHandle {
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
    pub fn start(
        options: EgressOptions,
        wall_clock: fn() -> SystemTime,
    ) -> io::Result<EgressHandle> {
        let url = url_of(options.address);
        let parent = Parent::start(Handle::current())?;
        let (telling, state) = watch::channel(EgressState::Starting);
        let (stop, stopped) = watch::channel(None);
        let life = Life {
            options,
            url: url.clone(),
            wall_clock,
            parent,
            state: telling,
            stop: stopped,
        };
        let task = tokio::spawn(life.run());
        Ok(EgressHandle {
            url,
            state,
            stop,
            task,
        })
    }

    /// Where it answers LiveKit's Egress.
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// What it is doing.
    pub fn state(&self) -> watch::Receiver<EgressState> {
        self.state.clone()
    }

    /// SIGTERM, up to `grace` for the child to put down what it records, then SIGKILL.
    pub async fn shutdown(self, grace: Duration) {
        self.stop.send_replace(Some(grace));
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the egress child's supervisor ended badly");
        }
    }
}

struct Life {
    options: EgressOptions,
    url: Url,
    wall_clock: fn() -> SystemTime,
    parent: Parent,
    state: watch::Sender<EgressState>,
    stop: watch::Receiver<Option<Duration>>,
}

enum End {
    Asked,
    Failed { reason: String, ready_for: Duration },
}

impl Life {
    async fn run(mut self) {
        let mut backoff = Backoff::new(self.options.timings);
        while let End::Failed { reason, ready_for } = self.live_once().await {
            let retry_in = backoff.after_failure(ready_for);
            let seconds = retry_in.as_secs();
            tracing::error!(retry_in_seconds = seconds, "egress child is down: {reason}");
            self.state.send_replace(EgressState::Down { reason });
            tokio::select! {
                () = sleep(retry_in) => {}
                _ = asked(&mut self.stop) => break,
            }
            self.state.send_replace(EgressState::Starting);
        }
        self.state.send_replace(EgressState::Stopped);
    }

    async fn live_once(&self) -> End {
        let failed = |reason: String| End::Failed {
            reason,
            ready_for: Duration::ZERO,
        };
        let file = match self.config() {
            Ok(file) => file,
            Err(error) => return failed(format!("its file cannot be written: {error}")),
        };
        let options = &self.options;
        let line = command_line(&options.command, &options.child_exec, file.path());
        let mut child = match self.parent.spawn(&line).await {
            Ok(child) => child,
            Err(error) => return failed(format!("it cannot be started: {error}")),
        };
        let pid = child.id().unwrap_or_default();
        let log = ChildLog::new(Speaker::Egress, options.livekit.keys.api_secret.clone());
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
            drain("egress child", &mut child, Instant::now(), grace).await;
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
            reason: format!("it ended ({status}): {words}"),
            ready_for: ready_at.map_or(Duration::ZERO, |at: Instant| at.elapsed()),
        }
    }

    fn config(&self) -> io::Result<ConfigFile> {
        let options = &self.options;
        let keys: &ApiKeys = &options.livekit.keys;
        let mut ws_url = options.livekit.internal_url.clone();
        let scheme = if ws_url.scheme() == "https" {
            "wss"
        } else {
            "ws"
        };
        ws_url
            .set_scheme(scheme)
            .map_err(|()| io::Error::other("the server's address is no http address"))?;
        let config = Config {
            api_key: &keys.api_key,
            api_secret: keys.api_secret.expose_secret(),
            ws_url,
            bind_address: options.address.ip(),
            port: options.address.port(),
            folder: &options.folder,
            webhook: Webhook {
                urls: &options.webhook_urls,
            },
            reserve_mb: options.reserve_mb,
            max_minutes: options.max_minutes,
            max_parallel: options.max_parallel,
            ffmpeg: options.ffmpeg.clone().unwrap_or_default(),
            json: true,
        };
        let text = serde_yaml::to_string(&config).map_err(io::Error::other)?;
        ConfigFile::write(&options.data_dir, EGRESS_FILE_NAME, &text)
    }

    /// Tells when it answers; ends when it hangs.
    async fn watch(&self, pid: u32, ready_at: &mut Option<Instant>) {
        let timings = self.options.timings;
        let probe = Probe {
            endpoint: self.options.livekit.of_client_at(self.url.clone()),
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
        tracing::info!(pid, address = %self.options.address, "egress child is ready");
        self.state.send_replace(EgressState::Ready);
        let mut failures = 0;
        while failures < timings.health_failures {
            sleep(timings.health_interval).await;
            match probe.healthy().await {
                Ok(()) => failures = 0,
                Err(error) if error.is_our_own() => {}
                Err(error) => {
                    failures += 1;
                    tracing::warn!(pid, failures, "egress child failed a health probe: {error}");
                }
            }
        }
    }
}
