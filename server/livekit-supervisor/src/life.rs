//! The life of the child, one after another: start, probe, watch, take down, wait, again.
//! Decides when; how is in the modules beside it.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::Arc,
    time::{Duration, SystemTime},
};

use crate::{
    backoff::Backoff,
    choose::{Chosen, command_line},
    logs::{ChildLog, Speaker},
    node_ip::{moved, node_ip},
    options::{Command, Options, PortKeys},
    ports,
    processes::{Parent, asked, drain, kill_group},
    state::{ChildState, Endpoint, Failure, MediaAddress, RunningEngine},
    version::version_of,
    yaml::{ConfigFile, FILE_NAME, generate},
};
use livekit_client::{Probe, ProbeError};
use tokio::{
    process::Child,
    sync::{OnceCell, watch},
    time::{Instant, sleep, timeout},
};

/// How long a finished child's last output is waited for; a process it left behind may hold the pipe open.
const LAST_OUTPUT: Duration = Duration::from_secs(1);
/// A dying process closes its sockets before its parent hears of its end, which explains the failed probes better.
const OBITUARY: Duration = Duration::from_millis(200);

/// How one life of the child ended.
enum End {
    Asked,
    Failed {
        failure: Failure,
        ready_for: Duration,
        last_log_lines: Vec<String>,
    },
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failed {
            failure,
            ready_for: Duration::ZERO,
            last_log_lines: Vec::new(),
        }
    }
}

/// Why the watch over a running child ended.
enum Watched {
    Asked { grace: Duration },
    Ended { status: io::Result<ExitStatus> },
    NotReady { probe: ProbeError },
    Hung { probe: ProbeError },
    Moved { from: IpAddr, to: IpAddr },
}

/// The file of one life of the child.
enum Config {
    /// The file is removed when dropped.
    Generated(ConfigFile, MediaAddress),
    HandWritten(PathBuf),
}

impl Config {
    fn path(&self) -> &Path {
        match self {
            Self::Generated(file, _) => file.path(),
            Self::HandWritten(path) => path,
        }
    }

    const fn media(&self) -> Option<MediaAddress> {
        match self {
            Self::Generated(_, media) => Some(*media),
            Self::HandWritten(_) => None,
        }
    }
}

/// One supervisor's task; [`Supervision::run`] ends when it is asked to.
pub struct Supervision {
    pub options: Options,
    pub chosen: Chosen,
    pub endpoint: Endpoint,
    pub address: SocketAddr,
    pub parent: Parent,
    pub probe: Probe,
    pub version: OnceCell<Option<String>>,
    pub state: watch::Sender<ChildState>,
    /// When the last child that nobody had asked to end was gone.
    pub ended: watch::Sender<Option<SystemTime>>,
    pub wall_clock: fn() -> SystemTime,
    pub stop: watch::Receiver<Option<Duration>>,
}

impl Supervision {
    pub async fn run(mut self) {
        let mut backoff = Backoff::new(self.options.timings);
        while let End::Failed {
            failure,
            ready_for,
            last_log_lines,
        } = self.live_once().await
        {
            let retry_in = backoff.after_failure(ready_for);
            tracing::error!(
                engine = %self.chosen.engine,
                retry_in_seconds = retry_in.as_secs(),
                "media child is down: {failure}"
            );
            let reason = Arc::new(failure);
            self.state.send_replace(ChildState::Down {
                reason: Arc::clone(&reason),
                last_log_lines,
                retry_in,
            });
            tokio::select! {
                () = sleep(retry_in) => {}
                _ = asked(&mut self.stop) => break,
            }
            self.state.send_replace(ChildState::Starting {
                after: Some(reason),
            });
        }
        self.state.send_replace(ChildState::Stopped);
    }

    /// From the port check to the last byte of output.
    async fn live_once(&self) -> End {
        let config = match self.config().await {
            Ok(config) => config,
            Err(failure) => return failure.into(),
        };
        let line = command_line(
            &self.chosen.command,
            &self.options.child_exec,
            config.path(),
        );
        let mut child = match self.spawn(&line).await {
            Ok(child) => child,
            Err(failure) => return failure.into(),
        };
        // A child that was spawned and not yet waited for has a pid.
        let pid = child.id().unwrap_or_default();
        let log = ChildLog::new(Speaker::LiveKit, self.endpoint.keys.api_secret.clone());
        let mut output = log.relay_all(&mut child);
        let mut ready_at = None;
        let mut watched = self.watch(&mut child, config.media(), &mut ready_at).await;
        if let Watched::NotReady { .. } | Watched::Hung { .. } = watched
            && let Ok(status) = timeout(OBITUARY, child.wait()).await
        {
            watched = Watched::Ended { status };
        }
        let ready_for = ready_at.map_or(Duration::ZERO, |at: Instant| at.elapsed());
        if let Watched::Asked { grace } = watched {
            // Nobody is in a child that was never ready.
            if let Some(ready_at) = ready_at {
                let settled = ready_at + self.settles_in();
                drain("media child", &mut child, settled, grace).await;
            }
        }
        kill_group(pid);
        let waited = child.wait().await;
        if !matches!(watched, Watched::Asked { .. }) {
            self.ended.send_replace(Some((self.wall_clock)()));
        }
        let drained = async { while output.join_next().await.is_some() {} };
        let _ = timeout(LAST_OUTPUT, drained).await;
        drop(config);
        let engine = self.chosen.engine;
        let failure = match watched {
            Watched::Asked { .. } => return End::Asked,
            Watched::Ended { status } => why_ended(engine, status.or(waited).ok(), &log),
            Watched::NotReady { probe } => Failure::NotReady {
                engine,
                within: self.options.timings.start_timeout,
                probe: probe.to_string(),
            },
            Watched::Hung { probe } => Failure::Hung {
                engine,
                probe: probe.to_string(),
            },
            Watched::Moved { from, to } => Failure::Moved { from, to },
        };
        End::Failed {
            failure,
            ready_for,
            last_log_lines: log.last_lines(),
        }
    }

    async fn config(&self) -> Result<Config, Failure> {
        if let Some(path) = &self.options.config_path {
            ports::check_signal(self.address, PortKeys::default().signal)?;
            return Ok(Config::HandWritten(path.clone()));
        }
        let ports = ports::check(&self.options, self.address.port(), self.chosen.engine)?;
        let node_ip = node_ip(self.options.node_ip, self.options.public_host.as_deref()).await;
        tracing::info!(
            signal = ports.signal,
            udp = ports.rtc_udp,
            tcp = ports.rtc_tcp,
            turn_udp = Some(ports.turn_udp).filter(|port| *port != 0),
            turn_tls = Some(ports.turn_tls).filter(|port| *port != 0),
            %node_ip,
            "starting the media child"
        );
        let told = match self.chosen.engine {
            RunningEngine::LivekitServer => Some(node_ip),
            // It finds them all by itself, and again when they change.
            RunningEngine::BuiltIn => self.options.node_ip,
        };
        let keys = &self.endpoint.keys;
        let text =
            generate(self.chosen.engine, &self.options, keys, ports, told).map_err(|error| {
                Failure::ConfigFile {
                    error: error.to_string(),
                }
            })?;
        match ConfigFile::write(&self.options.data_dir, FILE_NAME, &text) {
            Ok(file) => {
                let media = MediaAddress {
                    node_ip,
                    udp_port: ports.rtc_udp,
                    tcp_port: ports.rtc_tcp,
                };
                Ok(Config::Generated(file, media))
            }
            Err(error) => {
                let folder = self.options.data_dir.display();
                Err(Failure::ConfigFile {
                    error: format!("{folder}: {error}"),
                })
            }
        }
    }

    async fn spawn(&self, line: &Command) -> Result<Child, Failure> {
        self.parent
            .spawn(line)
            .await
            .map_err(|error| Failure::Spawn {
                program: line.program.display().to_string(),
                error: error.to_string(),
            })
    }

    /// Until the child ends, is to end, or has to be ended.
    async fn watch(
        &self,
        child: &mut Child,
        media: Option<MediaAddress>,
        ready_at: &mut Option<Instant>,
    ) -> Watched {
        let mut stop = self.stop.clone();
        let pid = child.id().unwrap_or_default();
        tokio::select! {
            // The child's own end explains a failed probe, so it is looked at first.
            biased;
            status = child.wait() => Watched::Ended { status },
            grace = asked(&mut stop) => Watched::Asked { grace },
            (from, to) = self.moved(media) => Watched::Moved { from, to },
            ended = self.probe(pid, media, ready_at) => ended,
        }
    }

    /// Resolves when the official server has to be told another address, which takes a restart: nobody reaches it at
    /// the old one. The built-in one looks itself.
    async fn moved(&self, media: Option<MediaAddress>) -> (IpAddr, IpAddr) {
        let told = media.filter(|_| {
            self.chosen.engine == RunningEngine::LivekitServer && self.options.node_ip.is_none()
        });
        match told {
            Some(MediaAddress { node_ip: from, .. }) => {
                (from, moved(from, self.options.public_host.as_deref()).await)
            }
            None => std::future::pending().await,
        }
    }

    async fn probe(
        &self,
        pid: u32,
        media: Option<MediaAddress>,
        ready_at: &mut Option<Instant>,
    ) -> Watched {
        let timings = self.options.timings;
        let (ready, version) = tokio::join!(
            self.until_ready(),
            self.version
                .get_or_init(|| version_of(&self.chosen, &self.options.built_in_version)),
        );
        if let Err(probe) = ready {
            return Watched::NotReady { probe };
        }
        *ready_at = Some(Instant::now());
        tracing::info!(engine = %self.chosen.engine, version, pid, url = %self.endpoint.internal_url, "media child is ready");
        self.state.send_replace(ChildState::Ready {
            endpoint: self.endpoint.clone(),
            engine: self.chosen.engine,
            version: version.clone(),
            pid,
            media,
        });
        let mut failures = 0;
        loop {
            sleep(timings.health_interval).await;
            match self.probe.healthy().await {
                Ok(()) => failures = 0,
                Err(probe) if probe.is_our_own() => {
                    tracing::warn!(pid, "media child cannot be probed: {probe}");
                }
                Err(probe) => {
                    failures += 1;
                    tracing::warn!(pid, failures, "media child failed a health probe: {probe}");
                    if failures >= timings.health_failures {
                        return Watched::Hung { probe };
                    }
                }
            }
        }
    }

    /// livekit-server answers for 0.1 s before it heeds SIGTERM; one that comes earlier is lost.
    const fn settles_in(&self) -> Duration {
        match self.chosen.engine {
            RunningEngine::LivekitServer => Duration::from_millis(200),
            RunningEngine::BuiltIn => Duration::ZERO,
        }
    }

    async fn until_ready(&self) -> Result<(), ProbeError> {
        let timings = self.options.timings;
        let deadline = Instant::now() + timings.start_timeout;
        while let Err(probe) = self.probe.ready().await {
            if Instant::now() >= deadline && !probe.is_our_own() {
                return Err(probe);
            }
            sleep(timings.start_probe_interval).await;
        }
        Ok(())
    }
}

fn why_ended(engine: RunningEngine, status: Option<ExitStatus>, log: &ChildLog) -> Failure {
    if let Some(line) = log.address_in_use() {
        return Failure::AddressInUse { line };
    }
    let last_line = log.last_words();
    if let Some(signal) = status.and_then(|status| status.signal()) {
        return Failure::Killed {
            engine,
            signal,
            last_line,
        };
    }
    let code = status.and_then(|status| status.code()).unwrap_or(-1);
    Failure::Exited {
        engine,
        code,
        last_line,
    }
}
