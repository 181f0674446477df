//! The SFU, as far as a Matrix service needs it: tokens, rooms and who is present. It must not know Matrix.

mod room_service;
mod token;

use std::time::{Duration, SystemTime};

use livekit_wire::ApiKeys;
use url::Url;

use crate::{
    service::OpenError,
    tls::{Trust, client_config},
};

pub use room_service::RoomServiceError;

/// How long the SFU may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

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

/// An address that no SFU's API can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a ws, wss, http or https URL")]
pub struct InvalidApiUrl;

/// The API's URL at the address that clients connect to: ws becomes http, wss https.
pub fn api_url(public_url: &str) -> Result<Url, InvalidApiUrl> {
    let mut url = Url::parse(public_url).map_err(|_| InvalidApiUrl)?;
    let scheme = match url.scheme() {
        "ws" | "http" => "http",
        "wss" | "https" => "https",
        _ => return Err(InvalidApiUrl),
    };
    url.set_scheme(scheme).map_err(|()| InvalidApiUrl)?;
    url.set_query(None);
    url.set_fragment(None);
    if !url.has_host() {
        return Err(InvalidApiUrl);
    }
    Ok(url)
}

/// One SFU.
pub struct LiveKit {
    /// What clients are told.
    pub public_url: String,
    api_url: Url,
    keys: ApiKeys,
    can_update_own_metadata: bool,
    http: reqwest::Client,
    wall_clock: fn() -> SystemTime,
}

impl LiveKit {
    /// Calls nobody yet.
    pub fn new(
        settings: LiveKitSettings,
        wall_clock: fn() -> SystemTime,
    ) -> Result<Self, OpenError> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(client_config(&settings.trust)?)
            .timeout(TIMEOUT)
            // A supervised SFU is on the loopback, and the token is nobody else's business.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            public_url: settings.public_url,
            api_url: settings.api_url,
            keys: settings.keys,
            can_update_own_metadata: settings.can_update_own_metadata,
            http,
            wall_clock,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_websocket_address_is_also_that_of_the_api() {
        let of = |url: &str| api_url(url).map(String::from);
        assert_eq!(
            of("wss://a/livekit/sfu"),
            Ok("https://a/livekit/sfu".to_owned())
        );
        assert_eq!(of("ws://a:7880"), Ok("http://a:7880/".to_owned()));
        assert_eq!(of("https://a?x#y"), Ok("https://a/".to_owned()));
        for bad in ["", "a:7880", "a.example", "ftp://a", "wss://"] {
            assert_eq!(of(bad), Err(InvalidApiUrl), "{bad}");
        }
    }
}
