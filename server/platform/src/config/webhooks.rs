//! Section `webhooks`: whom events are sent to.

use serde::Deserialize;

/// Section `webhooks`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Webhooks {
    pub allow_private_addresses: bool,
}
