//! The HTTP clients for LiveKit: short waits, no redirects, no proxies. It must not know what is called with them.

use std::time::Duration;

use http_edge::outbound::{ClientError, Trust, direct};
use livekit_wire::{ApiKeys, egress::CALLER_WAITS};
use reqwest::ClientBuilder;

use super::Endpoint;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const SILENCE: Duration = Duration::from_secs(10);
const API_TIMEOUT: Duration = Duration::from_secs(5);
// A phone call is answered when somebody picks up.
const PROGRAM_TIMEOUT: Duration = Duration::from_mins(1);
// Shorter than any server's own: a pooled connection of a killed child must not meet the next call.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// Where the clients call, and the key that they sign with.
pub fn address(endpoint: &Endpoint) -> livekit_client::Endpoint {
    livekit_client::Endpoint {
        url: endpoint.internal_url.clone(),
        keys: ApiKeys::one(endpoint.api_key.clone(), endpoint.api_secret.clone()),
    }
}

/// For calls of the API.
pub fn api(skip_tls_verify: bool) -> Result<reqwest::Client, ClientError> {
    answering_within(API_TIMEOUT, skip_tls_verify)
}

/// For starting a recorder.
pub fn recorder_start(skip_tls_verify: bool) -> Result<reqwest::Client, ClientError> {
    answering_within(CALLER_WAITS, skip_tls_verify)
}

fn answering_within(
    timeout: Duration,
    skip_tls_verify: bool,
) -> Result<reqwest::Client, ClientError> {
    let client = builder(skip_tls_verify)?
        .timeout(timeout)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .build()?;
    Ok(client)
}

/// For what programs ask of the media server: it may take as long as they wait.
pub fn programs(skip_tls_verify: bool) -> Result<reqwest::Client, ClientError> {
    let client = builder(skip_tls_verify)?
        .timeout(PROGRAM_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .build()?;
    Ok(client)
}

/// For the signal socket: the connection of a WebSocket is never reused.
pub fn signal(skip_tls_verify: bool) -> Result<reqwest::Client, ClientError> {
    Ok(builder(skip_tls_verify)?
        .pool_max_idle_per_host(0)
        .build()?)
}

/// For files, which take as long as they take: only silence ends a call.
pub fn files(skip_tls_verify: bool) -> Result<reqwest::Client, ClientError> {
    Ok(builder(skip_tls_verify)?
        .read_timeout(SILENCE)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .build()?)
}

fn builder(skip_tls_verify: bool) -> Result<ClientBuilder, ClientError> {
    let trust = Trust::system_unless(skip_tls_verify);
    Ok(direct(&trust)?.connect_timeout(CONNECT_TIMEOUT))
}
