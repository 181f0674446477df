//! The door of this crate: checks what it is told, promises an endpoint, and hands out the means to stop.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::{Duration, SystemTime},
};

use hyper_util::{client::legacy, rt::TokioExecutor};
use livekit_client::{PlainHttp, Probe, Way};
use rand::CryptoRng;
use tokio::{
    runtime::Handle,
    sync::{OnceCell, watch},
    task::JoinHandle,
};
use url::Url;

use crate::{
    choose::{ChooseError, choose},
    keys::{ApiKeys, KeysError},
    life::Supervision,
    options::Options,
    ports,
    processes::Parent,
    state::{ChildState, Endpoint, RunningEngine},
    yaml::{ConfigFile, ConfigFileError, reachable, read_hand_written},
};

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
            let reach = read_hand_written(path, options.keys.clone())?;
            (SocketAddr::new(reach.address, reach.port), reach.keys)
        } else {
            let keys = match options.keys.clone() {
                Some(keys) => keys,
                None => ApiKeys::load_or_create(&options.data_dir, random)?,
            };
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
        let (ended, seen_to_end) = watch::channel(None);
        let timings = options.timings;
        let probe = Probe {
            endpoint: endpoint.of_client(),
            way: plain(),
            wall_clock,
            timeout: timings.probe_timeout,
        };
        let engine = chosen.engine;
        let supervision = Supervision {
            version: OnceCell::new(),
            options,
            chosen,
            endpoint: endpoint.clone(),
            address,
            parent,
            probe,
            state,
            ended,
            wall_clock,
            stop: stopped,
        };
        let task = tokio::spawn(supervision.run());
        Ok((
            SupervisorHandle {
                engine,
                endpoint,
                ended: seen_to_end,
                stop,
                task,
            },
            watched,
        ))
    }
}

/// A child on this machine must not depend on a TLS provider or on anybody's root certificates.
pub fn plain() -> Way {
    // No idle connections: one left in a pool would hide that the child no longer accepts.
    let client: PlainHttp = legacy::Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build_http();
    Way::Plain(Box::new(client))
}

pub fn url_of(address: SocketAddr) -> Url {
    let mut url = Url::parse("http://localhost").unwrap_or_else(|_| unreachable!("a literal URL"));
    let _ = url.set_ip_host(address.ip());
    let _ = url.set_port(Some(address.port()));
    url
}

/// Holds the child's life: dropping it kills the child at once.
#[derive(Debug)]
pub struct SupervisorHandle {
    engine: RunningEngine,
    endpoint: Endpoint,
    ended: watch::Receiver<Option<SystemTime>>,
    stop: watch::Sender<Option<Duration>>,
    task: JoinHandle<()>,
}

impl SupervisorHandle {
    /// Where the child is or will be, and the keys for it; the same for the handle's whole life.
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Which server was chosen.
    pub const fn engine(&self) -> RunningEngine {
        self.engine
    }

    /// When the last child that nobody had asked to end was gone: whoever was in a call on it left then, and no
    /// webhook says so. `None` while none has.
    pub fn ended(&self) -> watch::Receiver<Option<SystemTime>> {
        self.ended.clone()
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
