//! The SFU, as far as a Matrix service needs it: tokens, rooms and who is present. It must not know Matrix.

mod room_service;
mod token;

use std::time::{Duration, SystemTime};

use http_edge::outbound::{ClientError, Trust, direct};
use livekit_client::{Client, Endpoint};
use livekit_wire::ApiKeys;
use url::Url;

/// How long the SFU may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// A room or participant is a few kilobytes, with up to a megabyte of metadata.
const LARGEST_ANSWER: usize = 2 * 1024 * 1024;

/// Where the SFU is, and the key it shares with us.
#[derive(Debug, Clone)]
pub struct LiveKitSettings {
    /// What clients are told, letter by letter as configured.
    pub public_url: String,
    /// Where we call its API: http or https.
    pub api_url: Url,
    /// Its API key with the secret.
    pub keys: ApiKeys,
    /// Whether participants may change their own name, metadata and attributes.
    pub can_update_own_metadata: bool,
    /// Whose certificates are believed.
    pub trust: Trust,
}

/// One SFU.
pub struct LiveKit {
    /// What clients are told.
    pub public_url: String,
    client: Client,
    can_update_own_metadata: bool,
    wall_clock: fn() -> SystemTime,
}

impl LiveKit {
    /// Calls nobody yet.
    pub fn new(
        settings: LiveKitSettings,
        wall_clock: fn() -> SystemTime,
    ) -> Result<Self, ClientError> {
        let http = direct(&settings.trust)?.timeout(TIMEOUT).build()?;
        let endpoint = Endpoint {
            url: settings.api_url,
            keys: settings.keys,
        };
        Ok(Self {
            public_url: settings.public_url,
            client: Client::new(endpoint, http).with_largest_answer(LARGEST_ANSWER),
            can_update_own_metadata: settings.can_update_own_metadata,
            wall_clock,
        })
    }
}
