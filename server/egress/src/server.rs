//! The whole server from its settings: the port bound, egresses gone on with, calls served until it is told to stop.

use std::{
    ffi::OsString,
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use livekit_client::{Client, Endpoint, NotAServer, api_address};
use livekit_wire::ApiKeys;
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;

use crate::{
    api,
    ballast::Ballast,
    compose::ffmpeg,
    egress::{Shared, Space, has_room, lay_ballast},
    egresses::Egresses,
    journal::Journal,
    settings::Settings,
    webhook::Webhooks,
};

/// Open calls, and egresses that put down what they have.
const DRAIN: Duration = Duration::from_secs(5);
/// Egresses whose files are on their way into buckets at the same time.
const SENDERS: usize = 2;

/// Why the server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The port.
    #[error("port: cannot listen on {address}: {source}")]
    Bind {
        /// What was asked for.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The server's address.
    #[error("ws_url: {0}")]
    Address(#[from] NotAServer),
    /// The folder.
    #[error("folder: {path} cannot be used: {source}")]
    Folder {
        /// The folder.
        path: String,
        /// Why not.
        source: io::Error,
    },
}

/// A server whose port is bound and whose egresses go on.
pub struct Server {
    listener: TcpListener,
    egresses: Arc<Egresses>,
}

impl Server {
    /// Binds the port and goes on with what the process before has left. `http` calls the LiveKit server and receivers of
    /// webhooks; it needs time-outs and follows no redirects. `search_path`: as `PATH` has it, for ffmpeg.
    pub async fn bind(
        settings: Settings,
        http: reqwest::Client,
        search_path: Option<OsString>,
        wall_clock: fn() -> SystemTime,
    ) -> Result<Server, RunError> {
        let address = SocketAddr::new(settings.bind_address, settings.port);
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| RunError::Bind { address, source })?;
        let endpoint = Endpoint {
            url: api_address(settings.ws_url.as_str())?,
            keys: ApiKeys::one(settings.api_key.clone(), settings.api_secret.clone()),
        };
        let folder = |source| RunError::Folder {
            path: settings.folder.display().to_string(),
            source,
        };
        let journal = Journal::open(settings.folder.clone()).map_err(folder)?;
        let urls = settings.webhook.urls.iter().map(ToString::to_string);
        let webhooks = Webhooks {
            journal: journal.clone(),
            endpoint: endpoint.clone(),
            http: http.clone(),
            urls: urls.collect(),
            wall_clock,
        };
        let shared = Shared {
            client: Client::new(endpoint.clone(), http),
            endpoint,
            journal,
            webhooks,
            wall_clock,
            ffmpeg: match &settings.ffmpeg {
                Some(path) => Some(path.clone()).filter(|path| !path.as_os_str().is_empty()),
                None => ffmpeg::find(search_path.as_deref()),
            },
            composer: Semaphore::new(1),
            previewer: Semaphore::new(1),
            space: Space::default(),
            senders: Semaphore::new(SENDERS),
            ballast: Ballast::in_folder(&settings.folder),
            settings: settings.clone(),
        };
        if has_room(&shared).map_err(folder)? {
            lay_ballast(&shared);
        }
        let egresses = Egresses::resume(shared).map_err(folder)?;
        Ok(Server { listener, egresses })
    }

    /// Where calls are served.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `shutdown`; what goes on then is gone on with by the next process.
    pub async fn serve(self, shutdown: CancellationToken) {
        let router = api::router(Arc::clone(&self.egresses));
        let stop = CancellationToken::new();
        let server = http_edge::Server::new(self.listener, router)
            // The platform and the media server speak for everybody.
            .exempt(|address| address.is_loopback());
        let serving = tokio::spawn(server.serve(stop.clone(), DRAIN));
        shutdown.cancelled().await;
        tracing::info!("egress stops; what is recorded goes on with its next start");
        self.egresses.suspend(DRAIN).await;
        stop.cancel();
        // A panic of the server has been logged.
        let _ = serving.await;
    }
}
