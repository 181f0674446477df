//! Section `doctor`: whom `convoke doctor` asks, and how long its reports are kept.

use serde::Deserialize;

use super::{fault::Refusals, value};

/// Section `doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Doctor {
    pub stun_servers: Vec<String>,
    #[serde(deserialize_with = "value::text")]
    pub time_server: Option<String>,
    pub keep_days: u32,
}

impl Doctor {
    pub(super) fn check(&self, refused: &mut Refusals) {
        let why = "must be hosts with ports, such as stun.example.org:3478";
        let fits = self
            .stun_servers
            .iter()
            .all(|server| value::has_port(server));
        refused.unless(fits, "stun_servers", why);
        let why = "must be a host with a port, such as time.example.org:123";
        let fits = self.time_server.as_deref().is_none_or(value::has_port);
        refused.unless(fits, "time_server", why);
        let why = "must be between 1 and 365";
        refused.unless((1..=365).contains(&self.keep_days), "keep_days", why);
    }
}
