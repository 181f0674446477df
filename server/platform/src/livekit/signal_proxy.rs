//! The signal socket on this site's own origin: passes `/rtc…` on to the media server, both directions streamed.
//! It must not log the address of a request: its query holds the token.

use std::{io, net::IpAddr, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use super::{LiveKit, LiveKitError, twirp::transport_error};
use crate::http::{SiteAddress, bearer_tokens};

// livekit-server answers an upgrade only once a session has started on the room's node.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
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

/// Why a signal request got no answer from the media server.
#[derive(Debug, Error)]
pub enum SignalProxyError {
    #[error(transparent)]
    Media(#[from] LiveKitError),
    #[error("the request cannot be passed on")]
    Malformed,
}

impl LiveKit {
    /// Passes a signal request on; after an upgrade the two sockets live on in a task of their own, which keeps `slot`.
    pub async fn forward_signal(
        &self,
        mut request: Request,
        client: Option<IpAddr>,
        site: &SiteAddress,
        slot: impl Send + 'static,
    ) -> Result<Response, SignalProxyError> {
        let mut url = self.api_url(request.uri().path().trim_start_matches('/'));
        url.set_query(request.uri().query());
        let upgrade = wants_websocket(request.headers());
        let mut headers = forwarded_headers(request.headers(), client, site);
        if upgrade {
            headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        let sent = self.signal.get(url).headers(headers).send();
        let answer = match timeout(HEAD_TIMEOUT, sent).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) if error.is_builder() => return Err(SignalProxyError::Malformed),
            Ok(Err(error)) => return Err(transport_error(error).into()),
            Err(_elapsed) => return Err(LiveKitError::Timeout.into()),
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
            join(TokioIo::new(browser), media).await;
            drop(slot);
        });
        Ok((status, response_headers).into_response())
    }
}

fn wants_websocket(headers: &HeaderMap) -> bool {
    headers
        .get(header::UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

fn forwarded_headers(from: &HeaderMap, client: Option<IpAddr>, site: &SiteAddress) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for name in &REQUEST_HEADERS {
        for value in from.get_all(name) {
            headers.append(name.clone(), value.clone());
        }
    }
    // LiveKit refuses what is no Bearer token, such as the Basic credentials of a proxy in front of us.
    for token in bearer_tokens(from) {
        if let Ok(value) = HeaderValue::from_str(&format!("Bearer {token}")) {
            headers.append(header::AUTHORIZATION, value);
        }
    }
    // The address that our own proxy rules settled on; what the client wrote there is not passed on.
    if let Some(value) = client.and_then(|ip| HeaderValue::from_str(&ip.to_string()).ok()) {
        headers.insert(HeaderName::from_static("x-forwarded-for"), value);
    }
    let mut forwarded = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    if let Some(host) = site.addressed() {
        forwarded("x-forwarded-host", host.as_str());
    }
    forwarded(
        "x-forwarded-proto",
        if site.is_https() { "https" } else { "http" },
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
