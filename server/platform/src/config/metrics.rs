//! Section `metrics`: numbers for Prometheus, and how long those of each minute are kept.

use std::{net::SocketAddr, path::PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{fault::Refusals, value};

const SHORTEST_TOKEN: usize = 16;

/// Section `metrics`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Metrics {
    #[serde(deserialize_with = "value::optional")]
    pub listen: Option<SocketAddr>,
    #[serde(deserialize_with = "value::secret")]
    pub bearer_token: Option<SecretString>,
    #[serde(deserialize_with = "value::optional")]
    pub bearer_token_file: Option<PathBuf>,
    pub usage_days: u32,
}

impl Metrics {
    /// Whether the site's own port answers for them: where they have no address of their own, to those who know the token.
    pub fn on_the_site(&self) -> bool {
        self.listen.is_none() && self.bearer_token.is_some()
    }

    pub(super) fn check(&self, refused: &mut Refusals) {
        if let Some(token) = &self.bearer_token {
            refused.unless(
                token.expose_secret().chars().count() >= SHORTEST_TOKEN,
                "bearer_token",
                "must have at least 16 characters",
            );
        }
        refused.unless(
            self.bearer_token.is_some()
                || self.listen.is_none_or(|address| address.ip().is_loopback()),
            "listen",
            "must be an address of the loopback, such as 127.0.0.1:9464, unless metrics.bearer_token is set",
        );
        refused.unless(
            (1..=3650).contains(&self.usage_days),
            "usage_days",
            "must be between 1 and 3650",
        );
    }
}

impl PartialEq for Metrics {
    fn eq(&self, other: &Metrics) -> bool {
        value::same_secret(self.bearer_token.as_ref(), other.bearer_token.as_ref())
            && self.listen == other.listen
            && self.bearer_token_file == other.bearer_token_file
            && self.usage_days == other.usage_days
    }
}
