//! Opens and runs the product; all that `bin` needs to know of it.

use std::{io, path::PathBuf, sync::Arc};

use axum::Router;
use secrecy::ExposeSecret;
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use crate::{
    app::{App, AppState},
    auth::{self, Auth},
    background,
    clock::{Clock, SystemClock},
    config::Config,
    db::{Database, OpenDatabaseError},
    events::Hub,
    jobs::{self, JobQueue, Registry},
    livekit::{LiveKit, Media},
    matrix::DelayedLeaves,
    random::Random,
    router,
};

/// The running product; clones are handles to the same one.
#[derive(Clone)]
pub struct Platform {
    app: App,
}

/// Why the platform cannot start.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The data folder cannot be made.
    #[error("cannot create the data folder {path}: {cause}")]
    DataDir {
        /// server.data_dir
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] OpenDatabaseError),
    /// The schema cannot be brought up to date.
    #[error("cannot bring the database schema up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The client for the media server cannot be made.
    #[error("cannot make the client for the media server: {0}")]
    Client(#[from] reqwest::Error),
    /// The database failed while starting.
    #[error("the database failed while starting: {0}")]
    Query(#[from] sqlx::Error),
}

impl Platform {
    /// Opens the database (migrating it), and prepares everything that serves requests.
    pub async fn open(config: Config, media: Media) -> Result<Platform, OpenError> {
        let data_dir = &config.server.data_dir;
        std::fs::create_dir_all(data_dir).map_err(|cause| OpenError::DataDir {
            path: data_dir.clone(),
            cause,
        })?;
        let url = config.database.url_or_default(data_dir);
        let db = Database::open(url.expose_secret(), config.database.max_connections).await?;
        Platform::assemble(
            config,
            media,
            db,
            Arc::new(SystemClock),
            Random::from_system(),
            background::registry(),
        )
        .await
    }

    pub(crate) async fn assemble(
        config: Config,
        media: Media,
        db: Database,
        clock: Arc<dyn Clock>,
        random: Random,
        registry: Registry,
    ) -> Result<Platform, OpenError> {
        db.migrate().await?;
        jobs::migrate(&db).await?;
        let app = App::new(AppState {
            auth: Auth::new(&config),
            livekit: LiveKit::new(media)?,
            events: Hub::new(random.token()),
            jobs: JobQueue::new(registry),
            started_at: clock.now(),
            config,
            db,
            clock,
            random,
        });
        auth::offer_setup_link(&app).await?;
        Ok(Platform { app })
    }

    /// The public site: API, web UI, signal proxy, health.
    pub fn router(&self) -> Router {
        router::public(self.app.clone())
    }

    /// The loopback-only listener where the media child delivers its webhooks.
    pub fn internal_router(&self) -> Router {
        router::internal(self.app.clone())
    }

    /// The record of delayed leave events, for the MatrixRTC service.
    pub fn delayed_leaves(&self) -> DelayedLeaves {
        DelayedLeaves::new(self.app.db.clone())
    }

    /// The one-time link that makes the first administrator, while there is none.
    pub fn setup_link(&self) -> Option<String> {
        self.app
            .auth
            .setup_link()
            .map(|link| link.expose_secret().to_owned())
    }

    /// Works in the background (jobs, reconciler, clean-up) until `shutdown`, then finishes what
    /// runs and closes the database.
    pub async fn run(self, shutdown: CancellationToken) {
        background::run(self.app.clone(), shutdown).await;
        self.app.db.close().await;
    }

    #[cfg(test)]
    pub(crate) fn app(&self) -> &App {
        &self.app
    }
}
