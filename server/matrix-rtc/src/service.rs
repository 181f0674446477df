//! The whole service from its options: opened, mounted, closed.

use std::{collections::HashSet, fmt, sync::Arc, time::Duration};

use axum::Router;
use futures::{StreamExt, stream};
use http_edge::{
    metrics::{Metrics, Requests},
    outbound::ClientError,
};
use livekit_wire::RoomName;

use crate::{
    access::FullAccess,
    app::App,
    delayed_leave::{self, Kept, Leaves},
    homeserver::{HomeserverSettings, Homeservers},
    livekit::{LiveKit, LiveKitSettings},
    metrics::{self, HomeserverMetrics},
    open_rooms::OpenRooms,
    rate_limit::{RateLimit, RateLimitSettings},
    router,
    sources::Sources,
};

/// Rooms that are opened at once when the SFU has started.
const ROOMS_AT_ONCE: usize = 16;
/// How often one is tried, and the pause in between.
const ROOM_ATTEMPTS: usize = 3;
const ROOM_PAUSE: Duration = Duration::from_millis(300);

/// Everything that can be chosen.
pub struct Options {
    /// The SFU.
    pub livekit: LiveKitSettings,
    /// Whose users may open rooms.
    pub full_access: FullAccess,
    /// How homeservers are reached.
    pub homeservers: HomeserverSettings,
    /// How often to ask the SFU whether participants with a delayed leave are still there; `None`: never.
    pub sanity_check_interval: Option<Duration>,
    /// Keeps delayed leaves over a restart.
    pub kept: Kept,
    /// How often one client may ask.
    pub rate_limit: RateLimitSettings,
    /// Time and randomness.
    pub sources: Sources,
}

/// Why the service cannot open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No HTTP client.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// A running service.
pub struct MatrixRtc {
    app: Arc<App>,
}

impl MatrixRtc {
    /// Resumes stored delayed leaves; answers nothing yet.
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        let sources = options.sources;
        let mut metrics = Metrics::new(metrics::PREFIX);
        let requests = Requests::new(&mut metrics);
        let tls = options.homeservers.trust.client_config();
        let tls = tls.map_err(ClientError::Tls)?;
        let livekit = Arc::new(LiveKit::new(options.livekit, sources.wall_clock)?);
        let homeservers = Arc::new(Homeservers::new(
            options.homeservers,
            options.full_access.named(),
            tls,
            sources,
            HomeserverMetrics::new(&mut metrics),
        ));
        let settings = delayed_leave::Settings {
            sanity_check_interval: options.sanity_check_interval,
            sources,
            ..delayed_leave::Settings::default()
        };
        let delayed_leaves =
            Leaves::open(homeservers.clone(), livekit.clone(), options.kept, settings).await;
        metrics::include(&mut metrics, delayed_leaves.clone());
        let app = App {
            livekit,
            homeservers,
            rooms: OpenRooms::default(),
            delayed_leaves,
            full_access: options.full_access,
            rate_limit: RateLimit::new(options.rate_limit),
            metrics,
            requests,
            random: sources.random,
        };
        Ok(Self { app: Arc::new(app) })
    }

    /// The service's routes without metrics, to be nested into a site.
    pub fn router(&self) -> Router {
        router::router(self.app.clone())
    }

    /// The routes of the service alone on its listener, `/metrics` included.
    pub fn standalone_router(&self) -> Router {
        router::standalone_router(self.app.clone())
    }

    /// The metrics in the OpenMetrics format.
    pub fn metrics_text(&self) -> Result<String, fmt::Error> {
        self.app.metrics.text()
    }

    /// The SFU has started and knows no room: those of calls that were going on are opened again, which nobody could do
    /// by coming back, and participants get time to come back.
    pub async fn sfu_started(&self) {
        let mut rooms: HashSet<RoomName> = self.app.rooms.all().into_iter().collect();
        rooms.extend(self.app.delayed_leaves.rooms());
        if !rooms.is_empty() {
            tracing::info!(
                rooms = rooms.len(),
                "the SFU has started: rooms of calls are opened again"
            );
        }
        stream::iter(rooms)
            .for_each_concurrent(ROOMS_AT_ONCE, async |room| self.open_again(&room).await)
            .await;
        self.app.delayed_leaves.sfu_started();
    }

    async fn open_again(&self, room: &RoomName) {
        for attempt in 1..=ROOM_ATTEMPTS {
            match self.app.livekit.create_room(room).await {
                Ok(()) => return self.app.rooms.opened(room),
                Err(error) => tracing::warn!(%room, %error, attempt, "a room is not opened again"),
            }
            tokio::time::sleep(ROOM_PAUSE).await;
        }
    }

    /// Stops what goes on in the background and waits for it. Requests to hand over a leave fail from now on.
    pub async fn close(&self) {
        self.app.delayed_leaves.close().await;
    }
}
