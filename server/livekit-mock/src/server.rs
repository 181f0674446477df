//! The mock's listeners, one per region: bound first, then served until asked to stop.

use std::{
    collections::HashSet,
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use secrecy::{ExposeSecret, SecretString};
use tokio::{net::TcpListener, sync::watch, time::sleep};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use crate::{
    advertise::{AdvertiseHost, TwirpPrefix},
    connection,
    control::Control,
    methods::{DescriptorError, Methods},
    region::{Mock, Region},
};

/// How long to wait when the system has no connection to give.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Where the mock listens, and what it believes.
#[derive(Clone, Debug)]
pub struct Options {
    /// One port per region, in the order of their indices; 0 is any free one.
    pub ports: Vec<u16>,
    /// Address or name to listen on.
    pub bind: String,
    /// The regions' URLs start with it.
    pub advertise_host: AdvertiseHost,
    /// The calls' paths start with it.
    pub twirp_prefix: TwirpPrefix,
    /// Signs the tokens, whichever API key they name.
    pub api_secret: SecretString,
    /// Tells the time to the checks of tokens.
    pub clock: fn() -> SystemTime,
}

impl Options {
    /// One region on a free port of the loopback, as a test in Rust wants it.
    pub fn loopback(api_secret: SecretString, clock: fn() -> SystemTime) -> Self {
        Self {
            ports: vec![0],
            bind: "127.0.0.1".to_owned(),
            advertise_host: AdvertiseHost::loopback(),
            twirp_prefix: TwirpPrefix::usual(),
            api_secret,
            clock,
        }
    }
}

/// Why the mock cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// A mock without regions.
    #[error("at least one port is required")]
    NoPorts,
    /// Two regions cannot share it.
    #[error("port {0} is named twice")]
    Twice(u16),
    /// Every token would hold.
    #[error("the API secret is empty")]
    EmptySecret,
    /// Somebody else listens there.
    #[error("port {0} is taken by another program")]
    Taken(u16),
    /// The system says no.
    #[error("cannot listen on {host}:{port}")]
    Listen {
        /// As in [`Options::bind`].
        host: String,
        /// As in [`Options::ports`].
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// Never in a program whose tests pass.
    #[error(transparent)]
    Descriptors(#[from] DescriptorError),
}

/// A mock that has its ports and does not serve yet.
pub struct Server {
    listeners: Vec<(TcpListener, SocketAddr)>,
    mock: Arc<Mock>,
    default_control: Arc<watch::Sender<Control>>,
    /// A server that is dropped leaves nothing running.
    stop: DropGuard,
}

/// Sets what holds for requests that carry no control header, while the server runs.
#[derive(Clone, Debug)]
pub struct DefaultControl(Arc<watch::Sender<Control>>);

impl DefaultControl {
    /// Holds from the next request on.
    pub fn set(&self, control: Control) {
        self.0.send_replace(control);
    }
}

impl Server {
    /// Takes the ports.
    pub async fn bind(options: Options) -> Result<Self, BindError> {
        if options.ports.is_empty() {
            return Err(BindError::NoPorts);
        }
        if options.api_secret.expose_secret().is_empty() {
            return Err(BindError::EmptySecret);
        }
        let mut seen = HashSet::new();
        let twice = |port: &&u16| **port != 0 && !seen.insert(**port);
        if let Some(port) = options.ports.iter().find(twice) {
            return Err(BindError::Twice(*port));
        }
        let mut listeners = Vec::new();
        for port in options.ports {
            listeners.push(listen(&options.bind, port).await?);
        }
        let urls = listeners
            .iter()
            .map(|(_, address)| options.advertise_host.url(address.port()))
            .collect();
        let (default_control, held) = watch::channel(Control::default());
        let stop = CancellationToken::new();
        let mock = Mock {
            methods: Methods::load()?,
            api_secret: options.api_secret,
            twirp_prefix: options.twirp_prefix,
            urls,
            clock: options.clock,
            default_control: held,
            stop: stop.clone(),
            running: TaskTracker::new(),
        };
        Ok(Self {
            listeners,
            mock: Arc::new(mock),
            default_control: Arc::new(default_control),
            stop: stop.drop_guard(),
        })
    }

    /// Where the regions listen, by index.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().map(|(_, address)| *address).collect()
    }

    /// The regions' URLs as clients are told them, by index.
    pub fn urls(&self) -> &[String] {
        &self.mock.urls
    }

    /// The handle to what holds for requests without a control header.
    pub fn default_control(&self) -> DefaultControl {
        DefaultControl(self.default_control.clone())
    }

    /// Serves until `shutdown`, then ends what is still waiting or connected.
    pub async fn serve(self, shutdown: CancellationToken) {
        let running = self.mock.running.clone();
        for (index, (listener, _)) in (0..).zip(self.listeners) {
            let region = Region {
                index,
                mock: self.mock.clone(),
            };
            running.spawn(accept(listener, region));
        }
        shutdown.cancelled().await;
        drop(self.stop);
        running.close();
        running.wait().await;
    }
}

async fn listen(host: &str, port: u16) -> Result<(TcpListener, SocketAddr), BindError> {
    // Brackets are how people write an IPv6 address before a port.
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let listen = async {
        let listener = TcpListener::bind((name, port)).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    listen
        .await
        .map_err(|source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => BindError::Taken(port),
            _ => BindError::Listen {
                host: host.to_owned(),
                port,
                source,
            },
        })
}

async fn accept(listener: TcpListener, region: Region) {
    let stop = region.mock.stop.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                // A failure costs latency, no more.
                let _ = stream.set_nodelay(true);
                let running = region.mock.running.clone();
                running.spawn(connection::serve(stream, region.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, region = region.index, "cannot accept a connection");
                sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}
