//! `livekit.turn` and `livekit.turn_server`: the media server's own TURN server, and one elsewhere.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use super::{fault::Refusals, value};

/// The media server's own TURN server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Turn {
    pub enabled: TurnEnabled,
    #[serde(deserialize_with = "value::text")]
    pub domain: Option<String>,
    pub udp_port: u16,
    pub tls_port: u16,
    #[serde(deserialize_with = "value::optional")]
    pub cert_file: Option<PathBuf>,
    #[serde(deserialize_with = "value::optional")]
    pub key_file: Option<PathBuf>,
}

/// Whether the media server's own TURN server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TurnEnabled {
    /// With the built-in media server, whose TURN leads to itself and to nobody else.
    Auto,
    /// With the official one as well, which relays to any public address.
    #[serde(rename = "true")]
    On,
    /// Not at all.
    #[serde(rename = "false")]
    Off,
}

/// A TURN server elsewhere.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct TurnServer {
    #[serde(deserialize_with = "value::text")]
    pub host: Option<String>,
    pub port: u16,
    pub protocol: TurnProtocol,
    #[serde(deserialize_with = "value::secret")]
    pub secret: Option<SecretString>,
    #[serde(deserialize_with = "value::optional")]
    pub secret_file: Option<PathBuf>,
}

/// How a TURN server elsewhere is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TurnProtocol {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS.
    Tls,
}

impl TurnProtocol {
    /// LiveKit's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }
}

impl Turn {
    pub(super) fn check(&self, refused: &mut Refusals) {
        if let Some(domain) = &self.domain {
            refused.unless(is_name(domain), "turn.domain", "must be a host name");
        }
        let why = "must be set as well: a certificate and its key are two files";
        let (certificate, key) = (self.cert_file.is_some(), self.key_file.is_some());
        refused.unless(certificate || !key, "turn.cert_file", why);
        refused.unless(key || !certificate, "turn.key_file", why);
    }
}

impl TurnServer {
    pub(super) fn check(&self, refused: &mut Refusals) {
        let Some(host) = &self.host else {
            return;
        };
        refused.unless(is_name(host), "turn_server.host", "must be a host name");
        let why = "must be set when livekit.turn_server.host is";
        refused.unless(self.secret.is_some(), "turn_server.secret", why);
        refused.unless(self.port != 0, "turn_server.port", "must be 1 to 65535");
    }
}

/// What can stand in a `turn:` URL as it is.
fn is_name(text: &str) -> bool {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "-._".contains(character);
    (1..=253).contains(&text.len()) && text.chars().all(allowed)
}

impl PartialEq for TurnServer {
    fn eq(&self, other: &TurnServer) -> bool {
        let TurnServer {
            host,
            port,
            protocol,
            secret,
            secret_file,
        } = self;
        *host == other.host
            && *port == other.port
            && *protocol == other.protocol
            && value::same_secret(secret.as_ref(), other.secret.as_ref())
            && *secret_file == other.secret_file
    }
}
