//! The signal socket, the one of agents' workers and publishers over HTTP on this site's own origin: what the media server gets to know of who asks. Never the cookie.

use std::net::IpAddr;

use axum::{body::Bytes, extract::Request, response::Response};
use http::{HeaderMap, HeaderValue, Uri, header};
use livekit_client::{SignalProxyError, Visitor};

use super::LiveKit;
use crate::http::{SiteAddress, bearer_tokens};

impl LiveKit {
    /// Passes a request on; after an upgrade the two sockets live on in a task of their own, which keeps `slot` and ends
    /// them when `end` comes.
    pub async fn forward_socket(
        &self,
        request: Request,
        (client, site): (IpAddr, &SiteAddress),
        slot: impl Send + 'static,
        end: impl Future<Output = ()> + Send + 'static,
    ) -> Result<Response, SignalProxyError> {
        let visitor = visitor(request.headers(), client, site);
        self.signal.forward(request, &visitor, slot, end).await
    }

    /// Passes on what a publisher over HTTP asks.
    pub async fn forward_publisher(
        &self,
        request: Request<Bytes>,
        (client, site): (IpAddr, &SiteAddress),
    ) -> Result<Response<Bytes>, SignalProxyError> {
        let visitor = visitor(request.headers(), client, site);
        self.signal.pass_publisher(request, &visitor).await
    }
}

fn visitor<'a>(headers: &HeaderMap, client: IpAddr, site: &'a SiteAddress) -> Visitor<'a> {
    Visitor {
        address: Some(client),
        host: site.addressed().map(http::uri::Authority::as_str),
        https: site.is_https(),
        tokens: bearer_tokens(headers).map(str::to_owned).collect(),
    }
}

/// The request with these tokens and no others: in its headers, where no log keeps them.
pub fn with_tokens(request: Request, tokens: &[String]) -> Result<Request, SignalProxyError> {
    let (mut parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let others =
        url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "access_token");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .finish();
    let address = format!("{}?{query}", parts.uri.path());
    parts.uri = address.parse().map_err(|_| SignalProxyError::Malformed)?;
    parts.headers.remove(header::AUTHORIZATION);
    for token in tokens {
        let value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| SignalProxyError::Malformed)?;
        parts.headers.append(header::AUTHORIZATION, value);
    }
    Ok(Request::from_parts(parts, body))
}

/// Every token in a request: which of two the server would take must not decide about a ban.
pub fn tokens(uri: &Uri, headers: &HeaderMap) -> Vec<String> {
    let in_query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .filter(|(name, _)| name == "access_token")
        .map(|(_, value)| value.into_owned());
    let in_headers = bearer_tokens(headers).map(str::to_owned);
    in_query.chain(in_headers).collect()
}
