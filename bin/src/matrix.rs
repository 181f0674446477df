//! Mounts the MatrixRTC service beside the platform: its options from the configuration, its store in the site's database.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::Context;
use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use convoke_platform::{
    Config, DelayedLeave, DelayedLeaves, Endpoint, MATRIX_SERVICE_PATH, Media, MediaStatus,
    MetricsSource, Timestamp, config::Matrix as MatrixConfig,
};
use futures::future::BoxFuture;
use http_edge::outbound::{AllowedNetworks, SystemNames, Trust};
use livekit_wire::{ApiKeys, Identity, RoomName};
use matrix_rtc::{
    FullAccess, MatrixRtc, Options, RateLimitSettings, Sources,
    delayed_leave::{Delegation, Kept, Store, StoreError, Stored},
    homeserver::{BreakerSettings, HomeserverSettings, RetrySettings},
    ids::{DelayId, ServerName},
    livekit::LiveKitSettings,
};
use tokio::{sync::watch, time::timeout};

const EVERY_HOMESERVER: &str = "*";
const SIGNAL_PATH: &str = "/rtc";
/// A killed media child is back in less than a second.
const LONGEST_HOLD: Duration = Duration::from_secs(3);

/// Where the service takes the media server's webhooks, beside the platform.
pub fn webhook_path() -> String {
    format!("{MATRIX_SERVICE_PATH}/sfu_webhook")
}

/// The service, mounted when it is wanted.
pub struct Matrix {
    service: Arc<MatrixRtc>,
    ready: watch::Receiver<MediaStatus>,
}

/// Stands between the media server's state and those who read it.
pub struct Gate {
    status: watch::Receiver<MediaStatus>,
    gate: watch::Sender<MediaStatus>,
}

impl Gate {
    /// Before the service is there: what others read from now on begins when it opens.
    pub fn before(media: &mut Media) -> Gate {
        let (gate, gated) = watch::channel(media.status.borrow().clone());
        if *gate.borrow() == MediaStatus::Ready {
            gate.send_replace(MediaStatus::Starting);
        }
        let status = std::mem::replace(&mut media.status, gated);
        Gate { status, gate }
    }
}

impl Matrix {
    /// Opens the service; resumes the leave events in `leaves`.
    pub async fn open(
        config: &Config,
        endpoint: Endpoint,
        leaves: DelayedLeaves,
        gate: Gate,
    ) -> anyhow::Result<Matrix> {
        for warning in warnings(&config.matrix) {
            tracing::warn!("{warning}");
        }
        let options = options(config, endpoint, leaves)?;
        let service = MatrixRtc::open(options)
            .await
            .context("cannot open the MatrixRTC service")?;
        let service = Arc::new(service);
        if config.livekit.external {
            tracing::info!(
                "MatrixRTC with an external LiveKit: set its room.auto_create to false, and add the webhook \
                 {}{}",
                config.server.site_url(),
                webhook_path()
            );
        }
        let matrix = Matrix {
            service,
            ready: gate.gate.subscribe(),
        };
        matrix.relay(gate.status, gate.gate);
        Ok(matrix)
    }

    /// `site` with the service at its path, and a signal socket that opens when calls can go on.
    pub fn mount(&self, site: Router) -> Router {
        let ready = self.ready.clone();
        site.nest(MATRIX_SERVICE_PATH, self.service.router())
            .layer(middleware::from_fn_with_state(ready, hold))
    }

    /// Writes its numbers.
    pub fn metrics(&self) -> MetricsSource {
        let service = self.service.clone();
        Box::new(move || service.metrics_text().ok())
    }

    /// Hears of the calls that were going on each time that the media server starts, and only then do others learn from
    /// `gate` that it is ready.
    fn relay(&self, mut status: watch::Receiver<MediaStatus>, gate: watch::Sender<MediaStatus>) {
        let service = self.service.clone();
        tokio::spawn(async move {
            loop {
                let now = status.borrow_and_update().clone();
                // Also when it was ready before: that it was down in between may have been missed.
                if now == MediaStatus::Ready {
                    gate.send_if_modified(|gate| {
                        let was_ready = *gate == MediaStatus::Ready;
                        *gate = MediaStatus::Starting;
                        was_ready
                    });
                    service.sfu_started().await;
                }
                gate.send_replace(now);
                tokio::select! {
                    changed = status.changed() => if changed.is_err() { return },
                    () = gate.closed() => return,
                }
            }
        });
    }

    /// Stops what goes on in the background; what is kept resumes at the next start.
    pub async fn close(&self) {
        self.service.close().await;
    }
}

/// Lets signal requests wait while the media server starts: a client that finds its room missing gives up.
async fn hold(
    State(mut ready): State<watch::Receiver<MediaStatus>>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with(SIGNAL_PATH) {
        let is_ready = ready.wait_for(|status| *status == MediaStatus::Ready);
        // After that the media server's own answer, or the lack of one, is what the client gets.
        let _ = timeout(LONGEST_HOLD, is_ready).await;
    }
    next.run(request).await
}

/// What an operator should know.
fn warnings(matrix: &MatrixConfig) -> Vec<&'static str> {
    let mut warnings = Vec::new();
    if matrix.dangerous_skip_tls_verify {
        warnings.push(
            "matrix.dangerous_skip_tls_verify is on: no certificate of a homeserver is checked and homeservers may \
             have any address; this is for tests in a closed network only",
        );
    }
    if matrix.full_access_homeservers == [EVERY_HOMESERVER] {
        warnings.push(
            "matrix.full_access_homeservers is \"*\": users of every homeserver may open rooms",
        );
    }
    warnings
}

fn options(config: &Config, endpoint: Endpoint, leaves: DelayedLeaves) -> anyhow::Result<Options> {
    let matrix = &config.matrix;
    let public_url = match &endpoint.public_ws_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => config.server.site_url().replacen("http", "ws", 1),
    };
    let full_access = full_access(matrix)?;
    Ok(Options {
        livekit: LiveKitSettings {
            public_url,
            api_url: endpoint.internal_url,
            keys: ApiKeys::new([(endpoint.api_key, endpoint.api_secret)])?,
            can_update_own_metadata: matrix.can_update_own_metadata,
            trust: Trust::system_unless(endpoint.skip_tls_verify),
        },
        homeservers: HomeserverSettings {
            trust: Trust::system_unless(matrix.dangerous_skip_tls_verify),
            allowed_networks: AllowedNetworks {
                networks: matrix.allowed_networks.clone(),
                setting: "matrix.allowed_networks",
            },
            all_addresses: matrix.dangerous_skip_tls_verify,
            client_apis: client_apis(matrix)?,
            dns: Arc::new(SystemNames::open()),
            retry: RetrySettings::default(),
            breaker: BreakerSettings::default(),
        },
        full_access,
        sanity_check_interval: matrix.sanity_check_interval(),
        kept: Kept::Alone(Arc::new(SiteStore(leaves))),
        rate_limit: RateLimitSettings {
            trusted_proxies: config.server.trusted_proxies.networks().to_vec(),
            ..RateLimitSettings::default()
        },
        sources: Sources::default(),
    })
}

fn full_access(matrix: &MatrixConfig) -> anyhow::Result<FullAccess> {
    if matrix.full_access_homeservers == [EVERY_HOMESERVER] {
        return Ok(FullAccess::Everybody);
    }
    let servers = matrix.full_access_homeservers.iter();
    let servers: anyhow::Result<_> = servers
        .map(|name| server_name(name, "matrix.full_access_homeservers"))
        .collect();
    Ok(FullAccess::Only(servers?))
}

fn client_apis(matrix: &MatrixConfig) -> anyhow::Result<HashMap<ServerName, url::Url>> {
    let overrides = matrix.client_api_overrides.iter();
    overrides
        .map(|(name, url)| {
            Ok((
                server_name(name, "matrix.client_api_overrides")?,
                url.clone(),
            ))
        })
        .collect()
}

fn server_name(name: &str, key: &str) -> anyhow::Result<ServerName> {
    ServerName::parse(name).with_context(|| format!("{key}: {name:?}"))
}

/// The site's database as the service's store.
struct SiteStore(DelayedLeaves);

impl Store for SiteStore {
    fn save<'a>(&'a self, stored: &'a Stored) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async {
            let leave = to_site(stored);
            self.0.save(&leave).await.map_err(failed)
        })
    }

    fn delete<'a>(
        &'a self,
        room: &'a RoomName,
        identity: &'a Identity,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async {
            let deleted = self.0.delete(room.as_str(), identity.as_str()).await;
            deleted.map_err(failed)
        })
    }

    fn all(&self) -> BoxFuture<'_, Result<Vec<Stored>, StoreError>> {
        Box::pin(async {
            let leaves = self.0.all().await.map_err(failed)?;
            Ok(leaves.iter().filter_map(from_site).collect())
        })
    }
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError(error.to_string())
}

fn to_site(stored: &Stored) -> DelayedLeave {
    let delegation = &stored.delegation;
    DelayedLeave {
        room: delegation.room.as_str().to_owned(),
        identity: delegation.identity.as_str().to_owned(),
        server_name: delegation.server_name.as_str().to_owned(),
        delay_id: delegation.delay_id.as_str().to_owned(),
        delay_timeout: delegation.delay_timeout,
        restarted_at: Timestamp::from(stored.restarted_at),
    }
}

/// `None` when it cannot be a leave event, and the log says so.
fn from_site(leave: &DelayedLeave) -> Option<Stored> {
    let delegation = delegation(leave);
    if delegation.is_none() {
        let DelayedLeave { room, identity, .. } = leave;
        tracing::warn!(room, identity, "a stored leave event is passed over");
    }
    Some(Stored {
        delegation: delegation?,
        restarted_at: SystemTime::from(leave.restarted_at),
    })
}

fn delegation(leave: &DelayedLeave) -> Option<Delegation> {
    Some(Delegation {
        server_name: ServerName::parse(leave.server_name.as_str()).ok()?,
        delay_id: DelayId::parse(leave.delay_id.as_str()).ok()?,
        delay_timeout: leave.delay_timeout,
        room: RoomName::parse(leave.room.as_str()).ok()?,
        identity: Identity::parse(leave.identity.as_str()).ok()?,
    })
}
