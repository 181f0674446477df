//! Looks at the media server: which program would run, what it says its version is, and what a cluster answers.

use std::time::Duration;

use convoke_platform::Config;
use doctor::facts::MediaFault;
use http_edge::outbound::{Trust, direct};
use livekit_client::{Endpoint, Probe, ProbeError, Way};
use livekit_supervisor::{ApiKeys, RunningEngine};
use url::Url;

use super::ask::words;
use crate::{clock::wall_clock, compose};

/// Which one would be started; `Err` for a cluster that others run as well.
pub fn engine(config: &Config) -> Result<RunningEngine, String> {
    if config.livekit.external {
        return Err("livekit.external is true".to_owned());
    }
    let options = compose::options(config, Vec::new()).map_err(|error| error.to_string())?;
    livekit_supervisor::engine(&options).map_err(|error| error.to_string())
}

/// As LiveKit's users know it.
pub fn name(engine: RunningEngine) -> &'static str {
    match engine {
        RunningEngine::BuiltIn => "built-in",
        RunningEngine::LivekitServer => "livekit-server",
    }
}

/// What it says.
pub async fn version(config: &Config) -> Option<String> {
    if config.livekit.external {
        return None;
    }
    let options = compose::options(config, Vec::new()).ok()?;
    livekit_supervisor::version(&options).await
}

/// The keys that tokens are signed with, where they are known without making new ones.
pub fn keys(config: &Config) -> Option<ApiKeys> {
    let livekit = &config.livekit;
    match livekit.api_key.clone().zip(livekit.api_secret.clone()) {
        Some((api_key, api_secret)) => Some(ApiKeys {
            api_key,
            api_secret,
        }),
        None if livekit.config_path.is_some() => None,
        None => ApiKeys::kept(&config.server.data_dir).ok()?,
    }
}

/// Asks a cluster whether it serves and takes our keys.
pub async fn probe(
    config: &Config,
    patience: Duration,
) -> Option<(String, Result<(), MediaFault>)> {
    let livekit = &config.livekit;
    let url = livekit.internal_host.clone().filter(|_| livekit.external)?;
    let keys = keys(config)?;
    let trust = Trust::system_unless(livekit.dangerous_skip_tls_verify);
    let client = direct(&trust)
        .ok()?
        .pool_max_idle_per_host(0)
        .build()
        .ok()?;
    if url.scheme() == "https"
        && let Err(error) = client.get(url.clone()).timeout(patience).send().await
        && is_certificate(&error)
    {
        let fault = MediaFault::Certificate(words(&error));
        return Some((url.to_string(), Err(fault)));
    }
    let probe = Probe {
        endpoint: Endpoint {
            url: url.clone(),
            keys: livekit_wire::ApiKeys::one(keys.api_key, keys.api_secret),
        },
        way: Way::Web(client),
        wall_clock,
        timeout: patience,
    };
    let answered = probe.ready().await.map_err(|error| match error {
        ProbeError::KeysRefused(_) => MediaFault::KeysRefused,
        ProbeError::Unhealthy(status) => MediaFault::Unexpected(format!("status {status}")),
        other => MediaFault::Unreachable(other.to_string()),
    });
    Some((url.to_string(), answered))
}

fn is_certificate(error: &reqwest::Error) -> bool {
    let mut cause: &dyn std::error::Error = error;
    loop {
        if let Some(rustls::Error::InvalidCertificate(_)) = cause.downcast_ref::<rustls::Error>() {
            return true;
        }
        // rustls hands its errors through `io::Error`, which does not name itself as a source.
        if let Some(io) = cause.downcast_ref::<std::io::Error>()
            && let Some(inner) = io.get_ref()
            && inner.is::<rustls::Error>()
        {
            return true;
        }
        match cause.source() {
            Some(inner) => cause = inner,
            None => return false,
        }
    }
}

/// Opens `livekit.host` of a cluster as browsers do.
pub async fn signal(config: &Config, patience: Duration) -> Option<(String, Result<(), String>)> {
    let livekit = &config.livekit;
    let told = livekit.host.clone().filter(|_| livekit.external)?;
    let http = told.as_str().replacen("ws", "http", 1);
    let url = Url::parse(&http).ok()?;
    let client = direct(&Trust::System)
        .ok()?
        .timeout(patience)
        .build()
        .ok()?;
    let answered = match client.get(url).send().await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(format!("status {}", answer.status())),
        Err(error) => Err(words(&error)),
    };
    Some((told.to_string(), answered))
}
