//! Where a homeserver's client-server API is: where the operator says, else where its well-known file says.

use std::{collections::HashMap, time::Duration};

use http::{Method, StatusCode};
use http_edge::outbound::Destination;
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;

use super::{Homeservers, LookupError, exchange::Question, retry::retry, room::make_room};
use crate::ids::ServerName;

const LARGEST_WELL_KNOWN: usize = 50 * 1024;
/// How long an address is used without asking again.
const LIFETIME: Duration = Duration::from_hours(4);
const MOST_REMEMBERED: usize = 1024;

#[derive(Deserialize)]
struct WellKnown {
    #[serde(rename = "m.homeserver")]
    homeserver: Homeserver,
}

#[derive(Deserialize)]
struct Homeserver {
    base_url: String,
}

/// The addresses that are known.
#[derive(Debug, Default)]
pub struct ClientApis {
    overrides: HashMap<ServerName, Url>,
    remembered: Mutex<HashMap<ServerName, (Url, Instant)>>,
}

impl ClientApis {
    /// Those that the operator gave.
    pub fn new(overrides: HashMap<ServerName, Url>) -> Self {
        Self {
            overrides,
            remembered: Mutex::default(),
        }
    }

    fn known(&self, server: &ServerName) -> Option<Url> {
        self.overrides.get(server).cloned().or_else(|| {
            let remembered = self.remembered.lock();
            let (url, until) = remembered.get(server)?;
            (Instant::now() < *until).then(|| url.clone())
        })
    }

    fn remember(&self, server: &ServerName, url: &Url) {
        let mut remembered = self.remembered.lock();
        make_room(&mut remembered, MOST_REMEMBERED, |(_, until)| *until);
        remembered.insert(server.clone(), (url.clone(), Instant::now() + LIFETIME));
    }
}

impl Homeservers {
    /// The base URL of the client-server API of `server`.
    pub async fn client_api(&self, server: &ServerName) -> Result<Url, LookupError> {
        if let Some(url) = self.client_apis.known(server) {
            return Ok(url);
        }
        if self.well_knowns.admit(server, Instant::now()).is_err() {
            self.metrics.circuit_refused();
            return Err(LookupError::CircuitOpen);
        }
        let found = retry(self.retry, self.random, || self.ask_client_api(server)).await;
        match &found {
            Ok(url) => {
                self.client_apis.remember(server, url);
                self.well_knowns.succeeded(server);
            }
            Err(error) if error.is_transient() => self.failed(&self.well_knowns, server),
            Err(LookupError::Refused { .. }) => {}
            Err(_) => self.well_knowns.succeeded(server),
        }
        found
    }

    async fn ask_client_api(&self, server: &ServerName) -> Result<Url, LookupError> {
        let url = Url::parse(&format!("https://{server}")).map_err(|_| LookupError::Nonsense)?;
        let destination =
            Destination::of_url(&url, self.reach(server)).map_err(|_| LookupError::Nonsense)?;
        let question = Question {
            purpose: "well_known_client",
            method: Method::GET,
            path_and_query: "/.well-known/matrix/client".to_owned(),
            largest_answer: LARGEST_WELL_KNOWN,
        };
        let answer = self.exchanges.ask(&destination, &question).await?;
        if answer.status.is_server_error() {
            return Err(LookupError::Unavailable(format!(
                "it answers {}",
                answer.status
            )));
        }
        if answer.status != StatusCode::OK {
            return Err(LookupError::Denied(answer.status));
        }
        let well_known: WellKnown =
            serde_json::from_slice(&answer.body).map_err(|_| LookupError::Nonsense)?;
        parse_base_url(&well_known.homeserver.base_url).ok_or(LookupError::Nonsense)
    }
}

/// An http or https URL; without a scheme it is https.
pub fn parse_base_url(text: &str) -> Option<Url> {
    let url = if text.contains("://") {
        Url::parse(text)
    } else {
        Url::parse(&format!("https://{text}"))
    };
    url.ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_without_a_scheme_is_encrypted() {
        let text = |url: &str| parse_base_url(url).map(String::from);
        assert_eq!(text("m.example"), Some("https://m.example/".to_owned()));
        assert_eq!(
            text("http://1.2.3.4:1/a"),
            Some("http://1.2.3.4:1/a".to_owned())
        );
        for bad in ["", "ftp://m.example", "https://", "file:///etc/passwd"] {
            assert_eq!(text(bad), None, "{bad}");
        }
    }
}
