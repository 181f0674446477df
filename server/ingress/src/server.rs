//! The whole server from its settings: ports bound, encoders taken until it is told to stop.

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{Router, http::StatusCode, routing::get};
use http_edge::Seats;
use livekit_client::{Endpoint, NotAServer, api_address};
use livekit_wire::ApiKeys;
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

use crate::{admission::Admission, encoders, settings::Settings};

/// Open calls, and encoders that leave their rooms.
const DRAIN: Duration = Duration::from_secs(5);
/// Connections that have not named a good key yet; few of one address, so that nobody keeps others out by holding them.
const STRANGERS: usize = 64;
const STRANGERS_OF_ONE_ADDRESS: usize = 8;

/// Why the server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A port.
    #[error("{key}: cannot listen on {address}: {source}")]
    Bind {
        /// The setting.
        key: &'static str,
        /// What was asked for.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The media server's address.
    #[error("ws_url: {0}")]
    Address(#[from] NotAServer),
    /// The same: keys must not go over it in the clear as if it were encrypted.
    #[error("ws_url: the ingress stands beside its media server and speaks ws:// or http:// to it")]
    Encrypted,
}

/// What every encoder's task needs.
pub(crate) struct Shared {
    pub settings: Settings,
    pub endpoint: Endpoint,
    pub server: Url,
    pub admission: Option<Admission>,
    pub wall_clock: fn() -> SystemTime,
    /// Seats before a key was named, and after.
    pub strangers: Seats,
    pub encoders: Arc<Semaphore>,
    pub stop: CancellationToken,
}

/// A server whose ports are bound.
pub struct Server {
    rtmp: TcpListener,
    health: TcpListener,
    shared: Arc<Shared>,
}

impl Server {
    /// Binds both ports. `http` asks for admission; it needs a time-out and follows no redirects.
    pub async fn bind(
        settings: Settings,
        http: reqwest::Client,
        wall_clock: fn() -> SystemTime,
    ) -> Result<Server, RunError> {
        let bind = async |key, address: SocketAddr| {
            TcpListener::bind(address)
                .await
                .map_err(|source| RunError::Bind {
                    key,
                    address,
                    source,
                })
        };
        if !matches!(settings.ws_url.scheme(), "ws" | "http") {
            return Err(RunError::Encrypted);
        }
        let at = SocketAddr::new(settings.rtmp_bind_address, settings.rtmp_port);
        let rtmp = bind("rtmp_port", at).await?;
        let at = SocketAddr::new(settings.bind_address, settings.port);
        let health = bind("port", at).await?;
        let endpoint = Endpoint {
            url: api_address(settings.ws_url.as_str())?,
            keys: ApiKeys::one(settings.api_key.clone(), settings.api_secret.clone()),
        };
        let admission = settings.admission_url.clone().map(|url| Admission {
            url,
            endpoint: endpoint.clone(),
            http,
            wall_clock,
        });
        let shared = Arc::new(Shared {
            server: settings.ws_url.clone(),
            endpoint,
            admission,
            wall_clock,
            strangers: Seats::new(STRANGERS, STRANGERS_OF_ONE_ADDRESS, |_| false),
            encoders: Arc::new(Semaphore::new(settings.max_parallel)),
            stop: CancellationToken::new(),
            settings,
        });
        Ok(Server {
            rtmp,
            health,
            shared,
        })
    }

    /// Where encoders come.
    pub fn rtmp_address(&self) -> io::Result<SocketAddr> {
        self.rtmp.local_addr()
    }

    /// Takes encoders until `shutdown`, then has each leave its room.
    pub async fn serve(self, shutdown: CancellationToken) {
        let router = Router::new().route("/", get(async || StatusCode::OK));
        let server =
            http_edge::Server::new(self.health, router).exempt(|address| address.is_loopback());
        let stop = self.shared.stop.clone();
        let serving = tokio::spawn(server.serve(stop.clone(), DRAIN));
        let tasks = TaskTracker::new();
        let taking = encoders::take_all(self.rtmp, Arc::clone(&self.shared), &tasks);
        tokio::select! {
            () = taking => {}
            () = shutdown.cancelled() => {}
        }
        tracing::info!("ingress stops");
        stop.cancel();
        tasks.close();
        if tokio::time::timeout(DRAIN, tasks.wait()).await.is_err() {
            tracing::warn!("an encoder did not leave in time");
        }
        // A panic of the server has been logged.
        let _ = serving.await;
    }
}
