//! What every request, job and ticker may reach.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock, atomic::AtomicBool},
};

use crate::{
    accounts,
    agents::commands::KeepsCommands,
    auth, certificates,
    clock::{Clock, Timestamp},
    config::Config,
    db::{Claim, Database},
    doctor, events, health, http, jobs, livekit, livekit_events, metrics, quality,
    random::Random,
    recordings, rooms, settings, storage, system, usage, webhooks,
};

/// The application's state; cloning is cheap.
#[derive(Clone)]
pub struct App(Arc<AppState>);

/// The fields behind [`App`].
pub struct AppState {
    pub config: Config,
    pub db: Database,
    /// The right to keep presence in `db`.
    pub claim: Claim,
    pub clock: Arc<dyn Clock>,
    pub random: Random,
    pub livekit: livekit::LiveKit,
    /// The media servers beside it.
    pub regions: livekit::Regions,
    /// `None`: nothing can be recorded.
    pub recorder: Option<livekit::egress::Recorder>,
    pub stores: storage::Stores,
    pub condition: recordings::Condition,
    pub events: events::Hub,
    pub jobs: jobs::JobQueue,
    pub webhooks: webhooks::Sender,
    pub auth: auth::Auth,
    /// What administrators may change while the site runs, as it is in force.
    pub settings: settings::InForce,
    pub sessions: accounts::KnownSessions,
    pub rooms: rooms::KnownRooms,
    pub written: health::Written,
    pub counters: metrics::Counters,
    pub metric_sources: metrics::Sources,
    pub vitals: usage::Vitals,
    pub quality_limits: quality::Limits,
    pub quality_counted: quality::Counted,
    /// Told by whoever serves the site, once, where its certificate comes from an authority.
    pub certificate: OnceLock<certificates::SiteCertificate>,
    /// Told by whoever serves the site, once, where it has a certificate.
    pub certificate_end: OnceLock<usage::CertificateEnd>,
    /// Told by whoever can look at this server from outside, once.
    pub examiner: OnceLock<doctor::Examiner>,
    /// Told by whoever keeps this server's commands alive, once, where there are any.
    pub commands: OnceLock<Box<dyn KeepsCommands>>,
    pub reconciled: livekit_events::Reconciled,
    pub refused: livekit_events::Refused,
    pub long_lived: http::LongLived,
    pub origin: system::Origin,
    pub started_at: Timestamp,
    /// Whether the media server stops because this process does: its calls are cut, and go on with the next.
    pub media_stops: AtomicBool,
}

impl App {
    pub fn new(state: AppState) -> App {
        App(Arc::new(state))
    }

    /// The present moment by the app's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl Deref for App {
    type Target = AppState;

    fn deref(&self) -> &AppState {
        &self.0
    }
}
