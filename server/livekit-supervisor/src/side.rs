//! Keeps a child alive beside the media child: writes its file, starts, watches, restarts and stops it. It knows nothing of what
//! the child does.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    time::{Duration, SystemTime},
};

use livekit_client::Probe;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep},
};
use url::Url;

use crate::{
    adoption::{digest, identity_of, left_behind},
    backoff::Backoff,
    choose::order,
    keeper::{Exit, Kept, Question, Record, Work},
    logs::{ChildLog, Speaker},
    options::{Command, Timings},
    ports,
    processes::{Stop, asked, was_dropped},
    supervisor::{plain, url_of},
    yaml::ConfigFile,
};

/// For a child that has nothing to do.
const REPLACED: Duration = Duration::from_secs(5);
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
    /// What it was told of others; with anything else it would be of no use.
    pub essentials: String,
    /// What of its work must not be cut.
    pub work: Work,
}

/// What a child was told, for whoever finds it.
#[derive(Serialize, Deserialize)]
struct Told {
    address: SocketAddr,
    essentials: String,
    details: String,
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
    /// Ended because we were asked to, or left to go on without us.
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

/// Holds the child's life: dropping it kills the child at once, but leaves one that an earlier supervisor started to its keeper.
#[derive(Debug)]
pub struct SideHandle {
    url: Url,
    state: watch::Receiver<SideState>,
    stop: watch::Sender<Option<Stop>>,
    tie: watch::Sender<bool>,
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
    pub(crate) fn start(side: Side, wall_clock: fn() -> SystemTime) -> SideHandle {
        let url = url_of(side.options.address);
        let (telling, state) = watch::channel(SideState::Starting { after: None });
        let (stop, stopped) = watch::channel(None);
        let (tie, tied) = watch::channel(false);
        let life = Life {
            side,
            url: url.clone(),
            wall_clock,
            state: telling,
            stop: stopped,
            tied,
        };
        let task = tokio::spawn(life.run());
        SideHandle {
            url,
            state,
            stop,
            tie,
            task,
        }
    }

    /// Where it answers.
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// What it is doing.
    pub fn state(&self) -> watch::Receiver<SideState> {
        self.state.clone()
    }

    /// From now on the child ends with this process, however that ends.
    pub fn tie(&self) {
        self.tie.send_replace(true);
    }

    /// SIGTERM, some time for the child to put down what it does, then SIGKILL; or leaves it to go on.
    pub async fn stop(self, how: Stop) {
        self.stop.send_replace(Some(how));
        if let Err(error) = self.task.await {
            tracing::error!(%error, "a child's supervisor ended badly");
        }
    }
}

struct Life {
    side: Side,
    url: Url,
    wall_clock: fn() -> SystemTime,
    state: watch::Sender<SideState>,
    stop: watch::Receiver<Option<Stop>>,
    tied: watch::Receiver<bool>,
}

enum End {
    Asked,
    /// Another is to take its place.
    Outdated,
    Failed {
        reason: SideFailure,
        ready_for: Duration,
    },
}

impl Life {
    async fn run(mut self) {
        let mut backoff = Backoff::new(self.side.options.timings);
        let mut said = None;
        loop {
            let (reason, ready_for) = match self.live_once().await {
                End::Asked => break,
                End::Outdated => continue,
                End::Failed { reason, ready_for } => (reason, ready_for),
            };
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
        let (kept, log, is_outdated, is_fresh) = match self.take_up().await {
            Some((kept, log, is_outdated)) => (kept, log, is_outdated, false),
            None => match self.begin().await {
                Ok((kept, log)) => (kept, log, false, true),
                Err(reason) => {
                    return End::Failed {
                        reason,
                        ready_for: Duration::ZERO,
                    };
                }
            },
        };
        let mut ready_at = None;
        let (mut stop, mut tied) = (self.stop.clone(), self.tied.clone());
        let tie = async {
            if tied.wait_for(|tied| *tied).await.is_ok() {
                kept.tie();
            }
            std::future::pending::<()>().await;
        };
        let (how, exit) = tokio::select! {
            biased;
            exit = kept.wait() => (None, Some(exit)),
            how = asked(&mut stop) => (Some(how), None),
            () = tie => (None, None),
            () = self.is_idle(&kept), if is_outdated => {
                kept.end(REPLACED).await;
                return End::Outdated;
            }
            () = self.watch(kept.pid, &mut ready_at) => (None, None),
        };
        let name = self.side.name;
        // One of ours that was never ready has nothing to do; one from before may, from the first moment.
        let may_go_on = !*self.tied.borrow() && (!is_fresh || ready_at.is_some());
        if let Some(how) = how
            && may_go_on
        {
            if !is_fresh && was_dropped(&self.stop) {
                return End::Asked;
            }
            // One that does not say may be busy.
            if how.spares_work && kept.work().await != Some(0) && !kept.has_ended() {
                tracing::info!(pid = kept.pid, "{name} child goes on without the site");
                return End::Asked;
            }
        }
        let exit = match exit {
            Some(exit) => exit,
            None => kept.end(how.unwrap_or_default().grace).await,
        };
        if let Exit::Unseen = exit {
            self.tidy_up().await;
        }
        if how.is_some() {
            return End::Asked;
        }
        let unseen = || "its keeper was killed".to_owned();
        let status = exit
            .status()
            .map_or_else(unseen, |status| status.to_string());
        let words = log.last_words().unwrap_or_default();
        End::Failed {
            reason: SideFailure::Ended(format!("it ended ({status}): {words}")),
            ready_for: ready_at.map_or(Duration::ZERO, |at: Instant| at.elapsed()),
        }
    }

    /// Goes on with the child that an earlier supervisor left, where it works for the same server; whether it is to be replaced
    /// when it has nothing to do.
    async fn take_up(&self) -> Option<(Kept, ChildLog, bool)> {
        let (side, log) = (&self.side, self.log());
        let name = side.name;
        let (kept, record) = left_behind(&self.record(), log.clone()).await?;
        let told: Option<Told> = serde_json::from_value(record.told).ok();
        let wanted = self.told();
        let usable = told
            .filter(|told| told.address == wanted.address && told.essentials == wanted.essentials);
        let Some(told) = usable else {
            tracing::warn!(
                "the {name} child that runs works for another server or at another address: it ends"
            );
            kept.end(REPLACED).await;
            return None;
        };
        let is_outdated = told.details != wanted.details;
        if is_outdated && kept.work().await == Some(0) {
            kept.end(REPLACED).await;
            return None;
        }
        tracing::info!(
            pid = kept.pid,
            is_outdated,
            "the {name} child from before goes on"
        );
        Some((kept, log, is_outdated))
    }

    async fn begin(&self) -> Result<(Kept, ChildLog), SideFailure> {
        let failed = |how: String| SideFailure::Ended(how);
        let (side, log) = (&self.side, self.log());
        if let Some(Door { address, key }) = side.door
            && let Err(error) = TcpListener::bind(address)
        {
            return Err(if error.kind() == io::ErrorKind::AddrInUse {
                let port = address.port();
                SideFailure::PortTaken { port, key }
            } else {
                failed(format!("cannot listen on {address} ({key}): {error}"))
            });
        }
        let options = &side.options;
        let file = ConfigFile::write(&options.data_dir, side.file_name, &side.config)
            .map_err(|error| failed(format!("its file cannot be written: {error}")))?;
        let keys = &options.livekit.keys;
        let order = order(
            self.record(),
            (&options.command, &options.child_exec),
            file.path(),
            Some(file.path().to_owned()),
            Question {
                url: match side.work {
                    Work::People => options.livekit.internal_url.clone(),
                    Work::Egresses => self.url.clone(),
                },
                api_key: keys.api_key.clone(),
                api_secret: keys.api_secret.expose_secret().to_owned(),
                work: side.work,
            },
            options.timings.alone_for,
            &self.told(),
        );
        let started = async { Kept::start(&options.child_exec, order?, log.clone()).await };
        let kept = started
            .await
            .map_err(|error| failed(format!("it cannot be started: {error}")))?;
        file.hand_over();
        Ok((kept, log))
    }

    fn record(&self) -> PathBuf {
        Record::path(&self.side.options.data_dir, self.side.name)
    }

    fn log(&self) -> ChildLog {
        let secret = self.side.options.livekit.keys.api_secret.clone();
        ChildLog::new(self.side.speaker, secret)
    }

    fn told(&self) -> Told {
        let side = &self.side;
        let options = &side.options;
        Told {
            address: options.address,
            essentials: digest(&[
                options.livekit.internal_url.as_str(),
                &options.livekit.keys.api_key,
                options.livekit.keys.api_secret.expose_secret(),
                &side.essentials,
            ]),
            details: digest(&[&side.config, &identity_of(&options.command)]),
        }
    }

    /// What a keeper that was killed could not.
    async fn tidy_up(&self) {
        let path = self.record();
        if let Some(record) = Record::load(&path) {
            record.remove_once_dead(&path).await;
        }
    }

    /// Resolves when it has nothing to do.
    async fn is_idle(&self, kept: &Kept) {
        loop {
            sleep(self.side.options.timings.replace_interval).await;
            if kept.work().await == Some(0) {
                return;
            }
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
