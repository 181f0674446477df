//! Section `matrix`: LiveKit tokens for the users of Matrix homeservers.

use std::{collections::BTreeMap, time::Duration};

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de::Error};
use url::Url;

use super::{fault::Refusals, value};

const EVERY_HOMESERVER: &str = "*";

/// Section `matrix`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Matrix {
    pub enabled: bool,
    pub full_access_homeservers: Vec<String>,
    #[serde(deserialize_with = "overrides")]
    pub client_api_overrides: BTreeMap<String, Url>,
    pub allowed_networks: Vec<IpNet>,
    pub sanity_check_seconds: u32,
    pub can_update_own_metadata: bool,
    pub well_known: bool,
    #[serde(deserialize_with = "value::optional")]
    pub homeserver_url: Option<Url>,
    pub dangerous_skip_tls_verify: bool,
}

impl Matrix {
    /// How often a kept leave event's participant is looked for; `None`: never.
    pub fn sanity_check_interval(&self) -> Option<Duration> {
        (self.sanity_check_seconds > 0)
            .then(|| Duration::from_secs(u64::from(self.sanity_check_seconds)))
    }

    pub(super) fn check(&self, refused: &mut Refusals) {
        let homeservers = &self.full_access_homeservers;
        refused.unless(
            !self.enabled || !homeservers.is_empty(),
            "full_access_homeservers",
            "must name the homeservers you serve when matrix.enabled is true",
        );
        refused.unless(
            homeservers.len() < 2 || homeservers.iter().all(|name| name != EVERY_HOMESERVER),
            "full_access_homeservers",
            "\"*\" must stand alone",
        );
        refused.unless(
            self.sanity_check_seconds <= 3600,
            "sanity_check_seconds",
            "must be between 0 and 3600",
        );
        if let Some(url) = &self.homeserver_url {
            refused.unless(
                value::is_origin(url, &["http", "https"]),
                "homeserver_url",
                "must be an http or https URL without a path",
            );
        }
        refused.unless(
            !self.well_known || self.enabled,
            "well_known",
            "announces nothing while matrix.enabled is false",
        );
        refused.unless(
            !self.well_known || self.homeserver_url.is_some(),
            "homeserver_url",
            "must be set when matrix.well_known is true",
        );
    }
}

/// A list of `server_name=url`.
fn overrides<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Url>, D::Error> {
    Vec::<String>::deserialize(deserializer)?
        .into_iter()
        .try_fold(BTreeMap::new(), |mut overrides, entry| {
            let (server, url) = entry
                .split_once('=')
                .ok_or_else(|| D::Error::custom(format!("{entry:?} is not server_name=url")))?;
            let url = base_url(url.trim())
                .ok_or_else(|| D::Error::custom(format!("{entry:?} names no http or https URL")))?;
            if overrides.insert(server.trim().to_owned(), url).is_some() {
                return Err(D::Error::custom(format!(
                    "{:?} stands twice",
                    server.trim()
                )));
            }
            Ok(overrides)
        })
}

/// Without a scheme it is https.
fn base_url(text: &str) -> Option<Url> {
    let url: Url = if text.contains("://") {
        text.parse().ok()?
    } else {
        format!("https://{text}").parse().ok()?
    };
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}
