//! Homeservers, as far as they are asked anything: whose token is this, where is your client-server API, act on this
//! delayed event. It must not know LiveKit.

mod circuit_breaker;
mod client_api;
mod delayed_event;
mod discovery;
mod dns;
mod exchange;
mod retry;
mod room;
mod user_info;

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::Arc,
    time::SystemTime,
};

use http::StatusCode;
use http_edge::outbound::{AddressGuard, AllowedNetworks, GuardedError, Reach, Trust};
use tokio::time::Instant;
use url::Url;

use self::{
    circuit_breaker::CircuitBreaker,
    client_api::ClientApis,
    discovery::Discovery,
    exchange::{ExchangeError, Exchanges},
};
use crate::{
    ids::{ForeignUser, ServerName},
    metrics::HomeserverMetrics,
    sources::{Random, Sources},
};

pub use circuit_breaker::BreakerSettings;
pub use client_api::parse_base_url;
pub use dns::{Dns, ServiceRecord};
pub use retry::RetrySettings;
pub(crate) use room::make_room;

/// How homeservers are reached.
#[derive(Clone)]
pub struct HomeserverSettings {
    /// Whose certificates are believed.
    pub trust: Trust,
    /// Networks that are not public and still may hold homeservers which no operator named.
    pub allowed_networks: AllowedNetworks,
    /// No address is refused: a lab.
    pub all_addresses: bool,
    /// Client-server APIs that no well-known file tells. The operator named these homeservers, so they may be anywhere.
    pub client_apis: HashMap<ServerName, Url>,
    /// Names and addresses.
    pub dns: Arc<dyn Dns>,
    /// How lookups are repeated.
    pub retry: RetrySettings,
    /// When a silent homeserver gets a pause.
    pub breaker: BreakerSettings,
}

/// Why a lookup failed, in words for the log; clients are not told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// It was silent too often, and is left alone for a while.
    #[error("the homeserver was silent too often: it has a pause")]
    CircuitOpen,
    /// Homeservers may not have this address.
    #[error("the homeserver's address {address} is not public; {setting} can allow it")]
    Refused {
        /// The address.
        address: IpAddr,
        /// What an operator can change.
        setting: &'static str,
    },
    /// No answer, or one that tells of an inner failure.
    #[error("the homeserver is not available: {0}")]
    Unavailable(String),
    /// No answer in time.
    #[error("the homeserver does not answer in time")]
    TimedOut,
    /// It knows no such thing.
    #[error("the homeserver answers {0}")]
    Denied(StatusCode),
    /// An answer that means nothing.
    #[error("the homeserver's answer is not understood")]
    Nonsense,
    /// It spoke of somebody else's user.
    #[error("the homeserver's answer is {0}")]
    Foreign(ForeignUser),
}

impl LookupError {
    fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::TimedOut => true,
            Self::CircuitOpen
            | Self::Refused { .. }
            | Self::Denied(_)
            | Self::Nonsense
            | Self::Foreign(_) => false,
        }
    }
}

impl From<ExchangeError> for LookupError {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Redirect => Self::Nonsense,
            ExchangeError::Exchange(error) => error.into(),
        }
    }
}

impl From<GuardedError> for LookupError {
    fn from(error: GuardedError) -> Self {
        match error {
            GuardedError::Refused { address, setting } => Self::Refused { address, setting },
            GuardedError::TooLarge | GuardedError::Url(_) => Self::Nonsense,
            // A request that cannot be written: nobody was asked.
            GuardedError::Transport(cause) if cause.is_builder() => Self::Nonsense,
            GuardedError::Name(_) | GuardedError::Transport(_) => {
                Self::Unavailable(error.to_string())
            }
        }
    }
}

/// All homeservers there are.
pub struct Homeservers {
    exchanges: Arc<Exchanges>,
    discovery: Discovery,
    client_apis: ClientApis,
    named: HashSet<ServerName>,
    retry: RetrySettings,
    user_infos: CircuitBreaker,
    well_knowns: CircuitBreaker,
    random: Random,
    wall_clock: fn() -> SystemTime,
    metrics: HomeserverMetrics,
}

impl Homeservers {
    /// Asks nobody yet. Homeservers that the operator `named` may be anywhere.
    pub fn new(
        settings: HomeserverSettings,
        mut named: HashSet<ServerName>,
        tls: rustls::ClientConfig,
        sources: Sources,
        metrics: HomeserverMetrics,
    ) -> Self {
        let guard = if settings.all_addresses {
            AddressGuard::Open
        } else {
            AddressGuard::Closed(settings.allowed_networks)
        };
        named.extend(settings.client_apis.keys().cloned());
        let exchanges = Arc::new(Exchanges::new(
            tls,
            settings.dns.clone(),
            guard,
            metrics.clone(),
        ));
        Self {
            discovery: Discovery::new(exchanges.clone(), settings.dns, sources.random),
            exchanges,
            client_apis: ClientApis::new(settings.client_apis),
            named,
            retry: settings.retry,
            user_infos: CircuitBreaker::new(settings.breaker),
            well_knowns: CircuitBreaker::new(settings.breaker),
            random: sources.random,
            wall_clock: sources.wall_clock,
            metrics,
        }
    }

    fn reach(&self, server: &ServerName) -> Reach {
        if self.named.contains(server) {
            Reach::Named
        } else {
            Reach::Guarded
        }
    }

    fn failed(&self, breaker: &CircuitBreaker, server: &ServerName) {
        if breaker.failed(server, Instant::now()) {
            self.metrics.circuit_opened();
            tracing::warn!(%server, "a homeserver is silent: it gets a pause");
        }
    }
}
