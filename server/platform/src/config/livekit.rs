//! Section `livekit`: the media server that carries sound and picture.

use std::{net::IpAddr, path::PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::{fault::Refusals, value};

/// Section `livekit`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct LiveKit {
    pub engine: LiveKitEngine,
    #[serde(deserialize_with = "value::optional")]
    pub binary: Option<PathBuf>,
    pub external: bool,
    #[serde(deserialize_with = "value::optional")]
    pub host: Option<Url>,
    #[serde(deserialize_with = "value::optional")]
    pub internal_host: Option<Url>,
    #[serde(deserialize_with = "value::text")]
    pub api_key: Option<String>,
    #[serde(deserialize_with = "value::secret")]
    pub api_secret: Option<SecretString>,
    #[serde(deserialize_with = "value::optional")]
    pub api_secret_file: Option<PathBuf>,
    pub dangerous_skip_tls_verify: bool,
    #[serde(deserialize_with = "value::optional")]
    pub config_path: Option<PathBuf>,
    #[serde(deserialize_with = "value::optional")]
    pub node_ip: Option<IpAddr>,
    pub ports: Ports,
    pub turn: Turn,
}

/// Which media server is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LiveKitEngine {
    /// The official one where found, else the built-in one.
    Auto,
    /// Only the official one.
    LivekitServer,
    /// Only the built-in one.
    BuiltIn,
}

/// The child's ports; 0 takes any free one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Ports {
    pub signal: u16,
    pub udp: u16,
    pub tcp: u16,
}

/// LiveKit's own TURN server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Turn {
    pub enabled: bool,
    #[serde(deserialize_with = "value::text")]
    pub domain: Option<String>,
}

impl LiveKit {
    pub(super) fn check(&self, refused: &mut Refusals) {
        if let Some(url) = &self.host {
            let why = "must be a ws or wss URL without a path";
            refused.unless(value::is_origin(url, &["ws", "wss"]), "host", why);
        }
        if let Some(url) = &self.internal_host {
            let why = "must be an http or https URL without a path";
            refused.unless(
                value::is_origin(url, &["http", "https"]),
                "internal_host",
                why,
            );
        }
        if self.external {
            let why = "must be set when livekit.external is true";
            refused.unless(self.host.is_some(), "host", why);
            refused.unless(self.internal_host.is_some(), "internal_host", why);
            refused.unless(self.api_key.is_some(), "api_key", why);
            refused.unless(self.api_secret.is_some(), "api_secret", why);
        }
        if let Some(secret) = &self.api_secret {
            refused.unless(
                secret.expose_secret().len() >= 32,
                "api_secret",
                "must have at least 32 characters",
            );
            refused.unless(
                self.api_key.is_some(),
                "api_key",
                "must be set when livekit.api_secret is set",
            );
        }
        refused.unless(
            !self.turn.enabled || self.turn.domain.is_some(),
            "turn.domain",
            "must be set when livekit.turn.enabled is true",
        );
    }
}

impl PartialEq for LiveKit {
    fn eq(&self, other: &LiveKit) -> bool {
        let LiveKit {
            engine,
            binary,
            external,
            host,
            internal_host,
            api_key,
            api_secret,
            api_secret_file,
            dangerous_skip_tls_verify,
            config_path,
            node_ip,
            ports,
            turn,
        } = self;
        *engine == other.engine
            && *binary == other.binary
            && *external == other.external
            && *host == other.host
            && *internal_host == other.internal_host
            && *api_key == other.api_key
            && value::same_secret(api_secret.as_ref(), other.api_secret.as_ref())
            && *api_secret_file == other.api_secret_file
            && *dangerous_skip_tls_verify == other.dangerous_skip_tls_verify
            && *config_path == other.config_path
            && *node_ip == other.node_ip
            && *ports == other.ports
            && *turn == other.turn
    }
}
