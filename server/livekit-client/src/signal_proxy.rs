//! Passes requests for the signal socket, and for the one of agents' workers, on to the server, both directions streamed.
//! It must not log the address of a request: its query holds the token.

use std::{io, net::IpAddr, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use url::Url;

use crate::{CallError, Endpoint};

// livekit-server answers an upgrade only once a session has started on the room's node.
pub(crate) const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
// Clients ping every 5 s and give up after 15 s; silence for this long is a dead peer.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);
// After one side has closed, the other gets this long to say its last words.
const LINGER: Duration = Duration::from_secs(5);
// Held by each direction of each call's socket, which says little.
const BUFFER: usize = 4 * 1024;

/// What of a browser's request the media server needs. Never the cookie: it is ours alone.
const REQUEST_HEADERS: [HeaderName; 8] = [
    header::ACCEPT,
    header::ACCEPT_LANGUAGE,
    header::ORIGIN,
    header::USER_AGENT,
    header::SEC_WEBSOCKET_EXTENSIONS,
    header::SEC_WEBSOCKET_KEY,
    header::SEC_WEBSOCKET_PROTOCOL,
    header::SEC_WEBSOCKET_VERSION,
];

const HOP_BY_HOP: [HeaderName; 6] = [
    header::CONNECTION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

/// Why a signal request got no answer from the server.
#[derive(Debug, thiserror::Error)]
pub enum SignalProxyError {
    /// The server is away.
    #[error(transparent)]
    Server(#[from] CallError),
    /// Its path or query fits no address.
    #[error("the request cannot be passed on")]
    Malformed,
}

/// Who asks, and what of it the server gets to know.
#[derive(Debug)]
pub struct Visitor<'a> {
    /// Where the request really comes from.
    pub address: Option<IpAddr>,
    /// Host and port as the client wrote them.
    pub host: Option<&'a str>,
    /// Whether the client uses TLS.
    pub https: bool,
    /// What it bears in `Authorization`. livekit-server refuses what is no Bearer token, such as the Basic credentials
    /// of a proxy in front of us.
    pub tokens: Vec<String>,
}

/// Passes signal requests on to one server.
#[derive(Debug, Clone)]
pub struct SignalProxy {
    pub(crate) endpoint: Endpoint,
    pub(crate) http: reqwest::Client,
}

impl SignalProxy {
    /// `http` must speak HTTP/1.1 only, which alone has the upgrade of a WebSocket, and keep no idle connections.
    pub fn new(endpoint: Endpoint, http: reqwest::Client) -> Self {
        Self { endpoint, http }
    }

    /// Where a request leads on the server: to its own path, and to no other.
    pub(crate) fn address_of(&self, uri: &Uri) -> Result<Url, SignalProxyError> {
        if !is_plain(uri.path()) {
            return Err(SignalProxyError::Malformed);
        }
        let mut url = self.endpoint.address_of(uri.path().trim_start_matches('/'));
        url.set_query(uri.query());
        Ok(url)
    }

    /// Passes a request on; after an upgrade the two sockets live on in a task of their own, which keeps `slot` and ends
    /// them when `end` comes.
    pub async fn forward(
        &self,
        mut request: Request,
        visitor: &Visitor<'_>,
        slot: impl Send + 'static,
        end: impl Future<Output = ()> + Send + 'static,
    ) -> Result<Response, SignalProxyError> {
        let url = self.address_of(request.uri())?;
        let upgrade = wants_websocket(request.headers());
        let mut headers = forwarded_headers(request.headers(), visitor);
        if upgrade {
            headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        let sent = self.http.get(url).headers(headers).send();
        let answer = match timeout(HEAD_TIMEOUT, sent).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) if error.is_builder() => return Err(SignalProxyError::Malformed),
            Ok(Err(error)) => return Err(CallError::from(error).into()),
            Err(_elapsed) => return Err(CallError::Deadline.into()),
        };
        let mut response_headers = answer.headers().clone();
        for name in &HOP_BY_HOP {
            response_headers.remove(name);
        }
        let status = answer.status();
        if status != StatusCode::SWITCHING_PROTOCOLS {
            let body = Body::from_stream(answer.bytes_stream());
            return Ok((status, response_headers, body).into_response());
        }
        response_headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        response_headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        let browser = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let Ok(Ok(browser)) = timeout(HEAD_TIMEOUT, browser).await else {
                return;
            };
            let Ok(media) = answer.upgrade().await else {
                return;
            };
            tokio::select! {
                () = join(TokioIo::new(browser), media) => {}
                () = end => {}
            }
            drop(slot);
        });
        Ok((status, response_headers).into_response())
    }
}

/// Whether a path leads where it says: keys and ids are letters, digits and these two. Dots, backslashes and what is written
/// with a percent sign would be resolved on the way, to whatever else the server has.
fn is_plain(path: &str) -> bool {
    let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/');
    path.bytes().all(is_of_word)
}

fn wants_websocket(headers: &HeaderMap) -> bool {
    headers
        .get(header::UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

pub(crate) fn forwarded_headers(from: &HeaderMap, visitor: &Visitor<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for name in &REQUEST_HEADERS {
        for value in from.get_all(name) {
            headers.append(name.clone(), value.clone());
        }
    }
    for token in &visitor.tokens {
        if let Ok(value) = HeaderValue::from_str(&format!("Bearer {token}")) {
            headers.append(header::AUTHORIZATION, value);
        }
    }
    // What our own proxy rules settled on; what the client wrote there is not passed on.
    let mut forwarded = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    if let Some(address) = visitor.address {
        forwarded("x-forwarded-for", &address.to_string());
    }
    if let Some(host) = visitor.host {
        forwarded("x-forwarded-host", host);
    }
    forwarded(
        "x-forwarded-proto",
        if visitor.https { "https" } else { "http" },
    );
    headers
}

/// Copies both ways until both sides have closed, one stays silent too long, or one lingers after the other's end.
async fn join(browser: impl AsyncRead + AsyncWrite, media: impl AsyncRead + AsyncWrite) {
    let (browser_read, browser_write) = tokio::io::split(browser);
    let (media_read, media_write) = tokio::io::split(media);
    let up = copy(browser_read, media_write);
    let down = copy(media_read, browser_write);
    tokio::pin!(up, down);
    // How a direction ended does not matter: the socket's two ends tell each other in WebSocket frames.
    tokio::select! {
        _ = &mut up => { let _ = timeout(LINGER, down).await; }
        _ = &mut down => { let _ = timeout(LINGER, up).await; }
    }
}

async fn copy(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let length = timeout(IDLE_TIMEOUT, from.read(&mut buffer)).await??;
        if length == 0 {
            return to.shutdown().await;
        }
        timeout(IDLE_TIMEOUT, to.write_all(&buffer[..length])).await??;
        to.flush().await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_would_be_resolved_on_the_way_is_not_plain() {
        for good in ["/whip/v1", "/whip/v1/PA_a-b_9", "/w/Key/PA_1"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in [
            "/w/..\\whip\\v1",
            "/w/%2e%2e/metrics",
            "/w/.%2E/metrics",
            "/whip/v1/../../twirp",
            "/w/a;b",
            "/w/a b",
        ] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
