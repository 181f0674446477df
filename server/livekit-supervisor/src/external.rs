//! Watches a LiveKit cluster that others run: whether it answers and accepts our keys.
//! It can neither start nor stop it, and must not know who asks.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use livekit_client::{Probe, ProbeError, Way};
use tokio::{sync::watch, time::sleep};

use crate::{options::Timings, state::Endpoint};

/// How the cluster is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterState {
    /// The first probe is under way.
    Starting,
    /// Answers its health route and accepts our keys.
    Ready,
    /// Did not, at the first probe or in several since.
    Down {
        /// What the last probe got.
        reason: ClusterFailure,
    },
}

/// What keeps the cluster from being used. The texts are for people and leave its address out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClusterFailure {
    /// It may hang, or packets to it vanish.
    #[error("the LiveKit cluster did not answer within {} s", within.as_secs_f32())]
    Timeout {
        /// How long we waited.
        within: Duration,
    },
    /// No connection, or none that we trust.
    #[error("the LiveKit cluster is unreachable: {error}")]
    Unreachable {
        /// The system's words.
        error: String,
    },
    /// Another pair is configured there.
    #[error("the LiveKit cluster refused our API key or secret")]
    KeysRefused,
    /// Its health route says so (406): a node that has not heard from its own cluster for a while.
    #[error("the LiveKit cluster says that it is not ready")]
    NotReady,
    /// A proxy without a server behind it, or no LiveKit server.
    #[error("the LiveKit cluster answered {status} where 200 OK was due")]
    Unexpected {
        /// Code and words.
        status: String,
    },
    /// Our own fault.
    #[error("a token for the LiveKit cluster cannot be signed: {error}")]
    Token {
        /// The signer's words.
        error: String,
    },
}

impl From<ProbeError> for ClusterFailure {
    fn from(error: ProbeError) -> Self {
        match error {
            ProbeError::Timeout(within) => Self::Timeout { within },
            ProbeError::Connection(error) | ProbeError::OutOfResources(error) => {
                Self::Unreachable { error }
            }
            ProbeError::KeysRefused(_) => Self::KeysRefused,
            ProbeError::Unhealthy(StatusCode::NOT_ACCEPTABLE) => Self::NotReady,
            ProbeError::Unhealthy(status) => Self::Unexpected {
                status: status.to_string(),
            },
            ProbeError::Nonsense(status) => Self::Unexpected { status },
            ProbeError::Token(error) => Self::Token {
                error: error.to_string(),
            },
        }
    }
}

/// Probes the cluster every `health_interval` until the last receiver is dropped. Must be called inside a tokio
/// runtime. `client` should go as the platform's does and keep no connections.
///
/// Of `timings` only the three of health count: a cluster that was ready is down after `health_failures` bad answers
/// in a row, one that was not after the first.
pub fn watch_external(
    endpoint: &Endpoint,
    client: reqwest::Client,
    timings: Timings,
    wall_clock: fn() -> SystemTime,
) -> watch::Receiver<ClusterState> {
    let probe = Probe {
        endpoint: endpoint.of_client(),
        way: Way::Web(client),
        wall_clock,
        timeout: timings.probe_timeout,
    };
    let (state, watched) = watch::channel(ClusterState::Starting);
    tokio::spawn(async move {
        tokio::select! {
            () = follow(&probe, timings, &state) => {}
            () = state.closed() => {}
        }
    });
    watched
}

async fn follow(probe: &Probe, timings: Timings, state: &watch::Sender<ClusterState>) {
    let mut failures = 0;
    loop {
        match probe.ready().await {
            Ok(()) => {
                failures = 0;
                if tell(state, ClusterState::Ready) {
                    tracing::info!("LiveKit cluster is ready");
                }
            }
            Err(error) if error.is_our_own() => {
                tracing::warn!("LiveKit cluster cannot be probed: {error}");
            }
            Err(error) => {
                failures += 1;
                let reason = ClusterFailure::from(error);
                let was_ready = *state.borrow() == ClusterState::Ready;
                if was_ready && failures < timings.health_failures {
                    tracing::warn!(failures, "LiveKit cluster failed a probe: {reason}");
                } else if tell(
                    state,
                    ClusterState::Down {
                        reason: reason.clone(),
                    },
                ) {
                    tracing::error!("LiveKit cluster is down: {reason}");
                }
            }
        }
        sleep(timings.health_interval).await;
    }
}

/// Whether that is news.
fn tell(state: &watch::Sender<ClusterState>, new: ClusterState) -> bool {
    state.send_if_modified(|old| {
        let news = *old != new;
        *old = new;
        news
    })
}
