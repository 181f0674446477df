//! The life of the child, one after another: start, probe, watch, take down, wait, again.
//! Decides when; how is in the modules beside it.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::Arc,
    time::{Duration, SystemTime},
};

use rand::CryptoRng;
use tokio::{
    process::Child,
    runtime::Handle,
    sync::{OnceCell, watch},
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep, timeout},
};
use tracing::Level;
use url::Url;

use crate::{
    backoff::Backoff,
    choose::{ChooseError, Chosen, choose, command_line},
    keys::{ApiKeys, KeysError},
    logs::ChildLog,
    node_ip::node_ip,
    options::{Command, Options},
    ports,
    probe::{Probe, ProbeError},
    processes::{Parent, kill_group, terminate_group},
    state::{ChildState, Endpoint, Failure, RunningEngine},
    yaml::{ConfigFile, ConfigFileError, generate, reachable, read_hand_written},
};

/// How long a finished child's last output is waited for; a process it left behind may hold the pipe open.
const LAST_OUTPUT: Duration = Duration::from_secs(1);
/// For `livekit-server --version`.
const VERSION_TIMEOUT: Duration = Duration::from_secs(5);

/// Why supervision cannot begin; nothing was started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No program to run.
    #[error(transparent)]
    Choose(#[from] ChooseError),
    /// No keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The hand-written file does not say how to reach the child.
    #[error(transparent)]
    ConfigFile(#[from] ConfigFileError),
    /// The data folder cannot be used.
    #[error("cannot use data folder {}: {source}", path.display())]
    DataDir {
        /// The folder.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// No port is free, or the bind address is not ours.
    #[error("cannot choose a signal port on {address}: {source}")]
    SignalPort {
        /// Where it should listen.
        address: IpAddr,
        /// The system's words.
        source: io::Error,
    },
    /// The thread that is to be the child's parent.
    #[error("cannot start a thread: {0}")]
    Thread(#[source] io::Error),
}

/// Starts supervision.
#[derive(Debug)]
pub struct Supervisor;

impl Supervisor {
    /// Chooses the child and its keys and begins to keep it running. Must be called inside a tokio runtime.
    ///
    /// Returns as soon as the endpoint is known; that the child is ready is told by the channel.
    pub fn start(
        options: Options,
        random: &mut impl CryptoRng,
        wall_clock: fn() -> SystemTime,
    ) -> Result<(SupervisorHandle, watch::Receiver<ChildState>), StartError> {
        let chosen = choose(&options)?;
        let data_dir = |source| StartError::DataDir {
            path: options.data_dir.clone(),
            source,
        };
        std::fs::create_dir_all(&options.data_dir).map_err(data_dir)?;
        ConfigFile::remove_stale(&options.data_dir).map_err(data_dir)?;
        let (address, keys) = if let Some(path) = &options.config_path {
            let reach = read_hand_written(path)?;
            (SocketAddr::new(reach.address, reach.port), reach.keys)
        } else {
            let keys = ApiKeys::load_or_create(&options.data_dir, random)?;
            let address = reachable(options.bind_addresses.iter().copied());
            let port = ports::choose_signal_port(options.ports.signal, address)
                .map_err(|source| StartError::SignalPort { address, source })?;
            (SocketAddr::new(address, port), keys)
        };
        let endpoint = Endpoint {
            internal_url: url_of(address),
            keys,
        };
        let parent = Parent::start(Handle::current()).map_err(StartError::Thread)?;
        let (state, watched) = watch::channel(ChildState::Starting { after: None });
        let (stop, stopped) = watch::channel(None);
        let timings = options.timings;
        let probe = Probe::new(
            address,
            endpoint.keys.clone(),
            wall_clock,
            timings.probe_timeout,
        );
        let supervision = Supervision {
            version: OnceCell::new(),
            options,
            chosen,
            endpoint: endpoint.clone(),
            address,
            parent,
            probe,
            state,
            stop: stopped,
        };
        let task = tokio::spawn(supervision.run());
        Ok((
            SupervisorHandle {
                endpoint,
                stop,
                task,
            },
            watched,
        ))
    }
}

fn url_of(address: SocketAddr) -> Url {
    let mut url = Url::parse("http://localhost").unwrap_or_else(|_| unreachable!("a literal URL"));
    let _ = url.set_ip_host(address.ip());
    let _ = url.set_port(Some(address.port()));
    url
}

/// Holds the child's life: dropping it kills the child at once.
#[derive(Debug)]
pub struct SupervisorHandle {
    endpoint: Endpoint,
    stop: watch::Sender<Option<Duration>>,
    task: JoinHandle<()>,
}

impl SupervisorHandle {
    /// Where the child is or will be, and the keys for it; the same for the handle's whole life.
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// SIGTERM, up to `grace` for the child to drain, then SIGKILL to its group; returns when nothing is left of it.
    pub async fn shutdown(self, grace: Duration) {
        let Self { stop, task, .. } = self;
        stop.send_replace(Some(grace));
        if let Err(error) = task.await {
            tracing::error!(%error, "the supervisor ended badly");
        }
    }
}

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
}

/// The file of one life of the child.
enum Config {
    /// Removed when dropped.
    Generated(ConfigFile),
    HandWritten(PathBuf),
}

impl Config {
    fn path(&self) -> &Path {
        match self {
            Self::Generated(file) => file.path(),
            Self::HandWritten(path) => path,
        }
    }
}

struct Supervision {
    options: Options,
    chosen: Chosen,
    endpoint: Endpoint,
    address: SocketAddr,
    parent: Parent,
    probe: Probe,
    version: OnceCell<Option<String>>,
    state: watch::Sender<ChildState>,
    stop: watch::Receiver<Option<Duration>>,
}

impl Supervision {
    async fn run(mut self) {
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
                last_log_lines = last_log_lines.join("\n"),
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
        let log = ChildLog::new(self.endpoint.keys.api_secret.clone());
        let mut output = JoinSet::new();
        if let Some(stdout) = child.stdout.take() {
            output.spawn(log.clone().relay(stdout, Level::INFO));
        }
        if let Some(stderr) = child.stderr.take() {
            output.spawn(log.clone().relay(stderr, Level::WARN));
        }
        let mut ready_at = None;
        let watched = self.watch(&mut child, pid, &mut ready_at).await;
        let ready_for = ready_at.map_or(Duration::ZERO, |at: Instant| at.elapsed());
        if let Watched::Asked { grace } = watched {
            terminate_group(pid);
            if timeout(grace, child.wait()).await.is_err() {
                tracing::warn!(pid, "media child did not end in time and is killed");
            }
        }
        kill_group(pid);
        let waited = child.wait().await;
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
        };
        End::Failed {
            failure,
            ready_for,
            last_log_lines: log.last_lines(),
        }
    }

    async fn config(&self) -> Result<Config, Failure> {
        if let Some(path) = &self.options.config_path {
            ports::check_signal(self.address)?;
            return Ok(Config::HandWritten(path.clone()));
        }
        let ports = ports::check(&self.options, self.address.port())?;
        let node_ip = node_ip(self.options.node_ip, self.options.public_host.as_deref()).await;
        tracing::info!(?ports, %node_ip, "starting the media child");
        let text =
            generate(&self.options, &self.endpoint.keys, ports, node_ip).map_err(|error| {
                Failure::ConfigFile {
                    error: error.to_string(),
                }
            })?;
        ConfigFile::write(&self.options.data_dir, &text)
            .map(Config::Generated)
            .map_err(|error| Failure::ConfigFile {
                error: format!("{}: {error}", self.options.data_dir.display()),
            })
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
    async fn watch(&self, child: &mut Child, pid: u32, ready_at: &mut Option<Instant>) -> Watched {
        let mut stop = self.stop.clone();
        tokio::select! {
            // The child's own end explains a failed probe, so it is looked at first.
            biased;
            status = child.wait() => Watched::Ended { status },
            grace = asked(&mut stop) => Watched::Asked { grace },
            ended = self.probe(pid, ready_at) => ended,
        }
    }

    async fn probe(&self, pid: u32, ready_at: &mut Option<Instant>) -> Watched {
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
        });
        let mut failures = 0;
        loop {
            sleep(timings.health_interval).await;
            match self.probe.healthy().await {
                Ok(()) => failures = 0,
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

    async fn until_ready(&self) -> Result<(), ProbeError> {
        let timings = self.options.timings;
        let deadline = Instant::now() + timings.start_timeout;
        while let Err(probe) = self.probe.ready().await {
            if Instant::now() >= deadline {
                return Err(probe);
            }
            sleep(timings.start_probe_interval).await;
        }
        Ok(())
    }
}

/// Resolves when the end is asked for; a dropped handle asks for it at once.
async fn asked(stop: &mut watch::Receiver<Option<Duration>>) -> Duration {
    match stop.wait_for(Option::is_some).await {
        Ok(grace) => grace.unwrap_or_default(),
        Err(_) => Duration::ZERO,
    }
}

fn why_ended(engine: RunningEngine, status: Option<ExitStatus>, log: &ChildLog) -> Failure {
    use std::os::unix::process::ExitStatusExt;
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

/// As the server names it: `livekit-server version 1.13.5` → `1.13.5`.
async fn version_of(chosen: &Chosen, built_in_version: &str) -> Option<String> {
    if chosen.engine == RunningEngine::BuiltIn {
        return Some(built_in_version.to_owned());
    }
    let asked = tokio::process::Command::new(&chosen.command.program)
        .arg("--version")
        .env_clear()
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(VERSION_TIMEOUT, asked).await.ok()?.ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.split_whitespace().last().map(str::to_owned)
}
