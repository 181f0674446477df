//! Opens and runs the product; all that `bin` needs to know of it.

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::Router;
use http_edge::outbound::ClientError;
use secrecy::ExposeSecret;
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use crate::{
    accounts::KnownSessions,
    agents::commands::KeepsCommands,
    app::{App, AppState},
    auth::{self, Auth},
    background, certificates,
    clock::{Clock, SystemClock},
    config::Config,
    db::{Claim, ClaimError, Database, MigrateError, OpenDatabaseError, Sharing, outbox},
    doctor,
    events::Hub,
    health::Written,
    http::LongLived,
    jobs::{self, JobQueue, Registry},
    livekit::{LiveKit, Media, Regions},
    livekit_events::{Reconciled, Refused},
    matrix::DelayedLeaves,
    meetings, metrics, quality,
    random::Random,
    recordings,
    rooms::KnownRooms,
    router, settings,
    storage::Stores,
    system::Origin,
    usage, webhooks,
};

/// The database, opened and claimed: nobody else may keep presence in it.
pub struct ClaimedDatabase {
    db: Database,
    claim: Claim,
}

impl ClaimedDatabase {
    /// Opens and claims the database. Called before a media server starts, which would start in vain.
    pub async fn open(config: &Config) -> Result<ClaimedDatabase, OpenError> {
        let data_dir = &config.server.data_dir;
        std::fs::create_dir_all(data_dir).map_err(|cause| OpenError::DataDir {
            path: data_dir.clone(),
            cause,
        })?;
        let url = config.database.url_or_default(data_dir);
        let url = url.expose_secret();
        let db = Database::open(url, config.database.max_connections).await?;
        let claim = Claim::take(url, &sharing(config)).await?;
        Ok(ClaimedDatabase { db, claim })
    }

    #[cfg(test)]
    pub(crate) fn uncontested(db: Database) -> ClaimedDatabase {
        let claim = Claim::uncontested();
        ClaimedDatabase { db, claim }
    }
}

/// Two servers each with a child end what the other's child has, and two that keep the leave events
/// of Matrix clients send them twice.
fn sharing(config: &Config) -> Sharing {
    match &config.livekit.api_key {
        Some(api_key) if config.livekit.external && !config.matrix.enabled => {
            Sharing::WithReplicasOn {
                api_key: api_key.clone(),
            }
        }
        _ => Sharing::Alone,
    }
}

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
    /// Another server has the database.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// The schema cannot be brought up to date.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The client for the media server cannot be made.
    #[error("cannot make the client for the media server: {0}")]
    Client(#[from] ClientError),
    /// The database failed while starting.
    #[error("the database failed while starting: {0}")]
    Query(#[from] sqlx::Error),
}

impl Platform {
    /// Brings the database's schema up to date and prepares everything that serves requests.
    pub async fn open(
        config: Config,
        origin: Origin,
        media: Media,
        database: ClaimedDatabase,
    ) -> Result<Platform, OpenError> {
        Platform::assemble(
            (config, origin),
            media,
            database,
            Arc::new(SystemClock),
            Random::from_system(),
            background::registry(),
        )
        .await
    }

    pub(crate) async fn assemble(
        (config, origin): (Config, Origin),
        media: Media,
        database: ClaimedDatabase,
        clock: Arc<dyn Clock>,
        random: Random,
        registry: Registry,
    ) -> Result<Platform, OpenError> {
        let ClaimedDatabase { db, claim } = database;
        db.migrate().await?;
        jobs::migrate(&db).await.map_err(MigrateError::from)?;
        let recorder = recordings::recorder(&config, &media)?;
        let app = App::new(AppState {
            auth: Auth::new(&config),
            settings: settings::InForce::load(&config, &db).await?,
            sessions: KnownSessions::default(),
            rooms: KnownRooms::default(),
            long_lived: LongLived::new(config.server.max_connections_per_address),
            recorder,
            condition: recordings::Condition::new(&media),
            regions: Regions::new(config.livekit.region.clone(), media.regions.clone())?,
            livekit: LiveKit::new(media)?,
            stores: Stores::new(&config.recordings, &config.server.data_dir),
            events: Hub::new(outbox::kept(&db).await?.newest),
            jobs: JobQueue::new(registry),
            webhooks: webhooks::Sender::new(&config.webhooks)?,
            written: Written::default(),
            counters: metrics::Counters::default(),
            metric_sources: metrics::Sources::default(),
            vitals: usage::Vitals::default(),
            quality_limits: quality::Limits::default(),
            quality_counted: quality::Counted::default(),
            certificate: OnceLock::new(),
            certificate_end: OnceLock::new(),
            examiner: OnceLock::new(),
            commands: OnceLock::new(),
            reconciled: Reconciled::default(),
            refused: Refused::default(),
            started_at: clock.now(),
            origin,
            media_stops: AtomicBool::new(false),
            config,
            db,
            claim,
            clock,
            random,
        });
        auth::offer_setup_link(&app).await?;
        if app.livekit.starts_anew() {
            meetings::cut_before_start(&app).await?;
        }
        // Whoever has a media server has the database, too, and nobody else transfers.
        if !app.config.livekit.external {
            recordings::take_up(&app).await?;
        }
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

    /// `/metrics` alone, for a listener of its own.
    pub fn metrics_router(&self) -> Router {
        router::metrics(self.app.clone())
    }

    /// The port of plain HTTP: it answers certificate authorities, and sends everybody else to the site.
    pub fn redirect_router(&self) -> Router {
        router::redirect(self.app.clone())
    }

    /// Adds the numbers of a service that is mounted beside the platform.
    pub fn add_metrics(&self, source: metrics::Source) {
        self.app.metric_sources.add(source);
    }

    /// Says what to show TLS connections: the certificate that is there, from when this returns on; others are ordered.
    pub async fn tell_certificate(&self, certificate: certificates::SiteCertificate) {
        let certificate = self.app.certificate.get_or_init(|| certificate);
        certificates::look_or_say(&self.app, certificate).await;
    }

    /// Says how to learn until when the site's certificate is good.
    pub fn tell_certificate_end(&self, ends_at: usage::CertificateEnd) {
        // Whoever says it again changes nothing.
        let _ = self.app.certificate_end.set(ends_at);
    }

    /// Says who can look at this server from outside.
    pub fn tell_examiner(&self, examiner: doctor::Examiner) {
        // Whoever says it again changes nothing.
        let _ = self.app.examiner.set(examiner);
    }

    /// Says who keeps this server's commands alive.
    pub fn tell_commands(&self, keeper: Box<dyn KeepsCommands>) {
        // Whoever says it again changes nothing.
        let _ = self.app.commands.set(keeper);
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

    /// Resolves once another server has taken the database over: this one must end.
    pub async fn displaced(&self) {
        self.app.claim.lost().await;
    }

    /// Works in the background (jobs, reconciler, clean-up) until `shutdown`, then finishes what
    /// runs and closes the database.
    pub async fn run(self, shutdown: CancellationToken) {
        Box::pin(background::run(self.app.clone(), shutdown)).await;
        self.app.db.close().await;
    }

    /// Said before the media server is stopped together with this process: people come back to its calls, which are
    /// cut and not over.
    pub fn media_stops(&self) {
        self.app.media_stops.store(true, Ordering::Release);
    }

    #[cfg(test)]
    pub(crate) fn app(&self) -> &App {
        &self.app
    }
}
