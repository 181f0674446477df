//! The door of this crate: checks what it is told, promises an endpoint, and hands out the means to stop.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener},
    path::PathBuf,
    time::{Duration, SystemTime},
};

use hyper_util::{client::legacy, rt::TokioExecutor};
use livekit_client::{PlainHttp, Probe, Way};
use rand::CryptoRng;
use secrecy::ExposeSecret;
use tokio::{
    sync::{OnceCell, watch},
    task::JoinHandle,
};
use url::Url;

use crate::{
    adoption::{self, Found, Remembered},
    choose::{ChooseError, choose},
    keeper::{Question, Work},
    keys::{ApiKeys, KeysError},
    life::{Cut, Supervision},
    logs::{ChildLog, Speaker},
    options::Options,
    ports,
    processes::Stop,
    state::{ChildState, Endpoint, RunningEngine},
    yaml::{ConfigFile, ConfigFileError, FILE_NAME, reachable, read_hand_written},
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
}

/// Starts supervision.
#[derive(Debug)]
pub struct Supervisor;

impl Supervisor {
    /// Chooses the child and its keys and begins to keep it running, or goes on with the one that an earlier supervisor left.
    /// Must be called inside a tokio runtime.
    ///
    /// Returns as soon as the endpoint is known; that the child is ready is told by the channel.
    pub async fn start(
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
        let (fixed, keys) = if let Some(path) = &options.config_path {
            let reach = read_hand_written(path, options.keys.clone())?;
            (Some(SocketAddr::new(reach.address, reach.port)), reach.keys)
        } else {
            let keys = match options.keys.clone() {
                Some(keys) => keys,
                None => ApiKeys::load_or_create(&options.data_dir, random)?,
            };
            (None, keys)
        };
        let remembered = Remembered::load(&options.data_dir);
        let log = ChildLog::new(Speaker::LiveKit, keys.api_secret.clone());
        let (first, cut) = match adoption::find(&options, &chosen, &keys, log).await {
            Found::Nobody => (None, None),
            Found::Ours(adopted) => (Some(adopted), None),
            Found::Ended { at, people } => (None, Some(Cut { at, people })),
        };
        let address = match (&first, fixed) {
            (Some(adopted), _) => adopted.told.address,
            (None, Some(address)) => address,
            (None, None) => {
                let address = reachable(options.bind_addresses.iter().copied());
                let before = remembered.media.filter(|before| before.ip() == address);
                // Whoever was told of it does not have to be told anew.
                let port = before
                    .filter(|before| TcpListener::bind(before).is_ok())
                    .map_or(options.ports.signal, |before| match options.ports.signal {
                        0 => before.port(),
                        port => port,
                    });
                let port = ports::choose_signal_port(port, address)
                    .map_err(|source| StartError::SignalPort { address, source })?;
                SocketAddr::new(address, port)
            }
        };
        if first.is_none() {
            ConfigFile::remove_stale(&options.data_dir, FILE_NAME).map_err(data_dir)?;
        }
        let endpoint = Endpoint {
            internal_url: url_of(address),
            keys,
        };
        let (state, watched) = watch::channel(ChildState::Starting { after: None });
        let (stop, stopped) = watch::channel(None);
        let (tie, tied) = watch::channel(false);
        let (ended, seen_to_end) = watch::channel(None);
        let timings = options.timings;
        let probe = Probe {
            endpoint: endpoint.of_client(),
            way: plain(),
            wall_clock,
            timeout: timings.probe_timeout,
        };
        let (engine, is_adopted) = (chosen.engine, first.is_some());
        let supervision = Supervision {
            version: OnceCell::new(),
            options,
            chosen,
            endpoint: endpoint.clone(),
            address,
            probe,
            state,
            ended,
            wall_clock,
            stop: stopped,
            tied,
            first,
            cut,
        };
        let task = tokio::spawn(supervision.run());
        Ok((
            SupervisorHandle {
                engine,
                is_adopted,
                endpoint,
                ended: seen_to_end,
                stop,
                tie,
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

/// Holds the child's life: dropping it kills the child at once, but leaves one that an earlier supervisor started to its keeper.
#[derive(Debug)]
pub struct SupervisorHandle {
    engine: RunningEngine,
    is_adopted: bool,
    endpoint: Endpoint,
    ended: watch::Receiver<Option<SystemTime>>,
    stop: watch::Sender<Option<Stop>>,
    tie: watch::Sender<bool>,
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

    /// Whether it is the child of an earlier supervisor, whose calls go on.
    pub const fn is_adopted(&self) -> bool {
        self.is_adopted
    }

    /// When the last child that nobody had asked to end was gone: whoever was in a call on it left then, and no
    /// webhook says so. `None` while none has.
    pub fn ended(&self) -> watch::Receiver<Option<SystemTime>> {
        self.ended.clone()
    }

    /// How many are in its rooms; `None` where it does not say.
    pub async fn people(&self) -> Option<u32> {
        let keys = &self.endpoint.keys;
        let question = Question {
            url: self.endpoint.internal_url.clone(),
            api_key: keys.api_key.clone(),
            api_secret: keys.api_secret.expose_secret().to_owned(),
            work: Work::People,
        };
        question.ask().await.ok()
    }

    /// From now on the child ends with this process, however that ends.
    pub fn tie(&self) {
        self.tie.send_replace(true);
    }

    /// SIGTERM, up to `grace` for the child to drain, then SIGKILL to its group; returns when nothing is left of it.
    pub async fn shutdown(self, grace: Duration) {
        self.stop(Stop {
            grace,
            spares_work: false,
        })
        .await;
    }

    /// The same, or leaves the child to go on.
    pub async fn stop(self, how: Stop) {
        self.stop.send_replace(Some(how));
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the supervisor ended badly");
        }
    }
}
