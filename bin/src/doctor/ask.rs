//! Asks the site over HTTP: on this machine, and by the address that people open.

use std::{net::SocketAddr, time::Duration};

use convoke_platform::{Config, config::Tls};
use http_edge::outbound::{Trust, direct};
use reqwest::{Method, Response, header};
use url::Url;

use super::{PATIENCE, reachable};

/// A body in two pieces takes longer than an answer.
const WHOLE_BODY: Duration = Duration::from_secs(10);

/// Where the site is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// At its own port, on this machine.
    Own,
    /// As people open it.
    Public,
}

/// Asks the site.
pub struct Client {
    own: Option<(reqwest::Client, Url)>,
    public: Option<(reqwest::Client, Url)>,
}

impl Client {
    /// Certificates are looked at elsewhere: here anybody's will do, as a wrong one must not hide what else is wrong.
    pub fn new(config: &Config) -> Client {
        let server = &config.server;
        let address = reachable(server.listen_address());
        let scheme = if server.tls == Tls::Off {
            "http"
        } else {
            "https"
        };
        let host = server.public_url.as_ref().and_then(Url::host_str);
        let own = Url::parse(&format!(
            "{scheme}://{}:{}",
            host.unwrap_or("localhost"),
            address.port()
        ));
        let own = own.ok().filter(|_| address.port() != 0);
        Client {
            own: own.and_then(|url| {
                let host = url.host_str()?.to_owned();
                Some((made(Some((&host, address)))?, url))
            }),
            public: server
                .public_url
                .clone()
                .and_then(|url| Some((made(None)?, url))),
        }
    }

    /// Whether this door can be there at all.
    pub fn has(&self, door: Door) -> bool {
        self.door(door).is_some()
    }

    fn door(&self, door: Door) -> Option<&(reqwest::Client, Url)> {
        match door {
            Door::Own => self.own.as_ref(),
            Door::Public => self.public.as_ref(),
        }
    }

    /// What `path` answers.
    pub async fn get(&self, door: Door, path: &str) -> Result<Response, String> {
        self.send(door, Method::GET, path, &[], Vec::new()).await
    }

    /// What `path` answers to this.
    pub async fn send(
        &self,
        door: Door,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Response, String> {
        let Some((client, url)) = self.door(door) else {
            return Err("it has no address".to_owned());
        };
        let url = url.join(path).map_err(|error| error.to_string())?;
        let mut request = client.request(method, url).timeout(WHOLE_BODY);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request
            .body(body)
            .send()
            .await
            .map_err(|error| words(&error))
    }

    /// Whether a WebSocket opens at `path`.
    pub async fn socket(&self, door: Door, path: &str) -> Result<(), String> {
        // Any key will do; this one is the standard's own (RFC 6455, 1.3).
        let (key, accepted) = ("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        let headers = [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", key),
        ];
        let answer = self.send(door, Method::GET, path, &headers, Vec::new());
        let answer = answer.await?;
        if answer.status() != 101 {
            return Err(format!("status {} where 101 was due", answer.status()));
        }
        match answer.headers().get(header::SEC_WEBSOCKET_ACCEPT) {
            Some(value) if value == accepted => Ok(()),
            _ => Err("the answer is no WebSocket's".to_owned()),
        }
    }
}

fn made(at: Option<(&str, SocketAddr)>) -> Option<reqwest::Client> {
    let mut client = direct(&Trust::Everybody)
        .ok()?
        .connect_timeout(PATIENCE)
        .pool_max_idle_per_host(0);
    if let Some((host, address)) = at {
        client = client.resolve(host, address);
    }
    client.build().ok()
}

/// The innermost cause says most.
pub fn words(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
