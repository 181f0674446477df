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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn refused(change: impl FnOnce(&mut Metrics)) -> Vec<String> {
        let mut metrics = Config::default().metrics;
        change(&mut metrics);
        let mut refused = Refusals::default();
        metrics.check(&mut refused);
        refused
            .0
            .into_iter()
            .map(|(key, _)| key.to_string())
            .collect()
    }

    #[test]
    fn strangers_are_told_nothing_without_a_token_that_is_hard_to_guess() {
        assert!(refused(|_| {}).is_empty());
        let to = |address: &str| address.parse().ok();
        assert!(refused(|metrics| metrics.listen = to("127.0.0.1:9464")).is_empty());
        assert_eq!(
            refused(|metrics| metrics.listen = to("0.0.0.0:9464")),
            ["listen"]
        );
        let with_token = |metrics: &mut Metrics| {
            metrics.listen = to("[::]:9464");
            metrics.bearer_token = Some("0123456789abcdef".into());
        };
        assert!(refused(with_token).is_empty());
        assert_eq!(
            refused(|metrics| metrics.bearer_token = Some("short".into())),
            ["bearer_token"]
        );
        assert_eq!(refused(|metrics| metrics.usage_days = 0), ["usage_days"]);
    }

    #[test]
    fn the_sites_port_answers_only_where_there_is_no_other_and_a_token() {
        let mut metrics = Config::default().metrics;
        assert!(!metrics.on_the_site());
        metrics.bearer_token = Some("0123456789abcdef".into());
        assert!(metrics.on_the_site());
        metrics.listen = "127.0.0.1:9464".parse().ok();
        assert!(!metrics.on_the_site());
    }
}
