//! The signal socket on this site's own origin: what the media server gets to know of who asks. Never the cookie.

use std::net::IpAddr;

use axum::{extract::Request, response::Response};
use livekit_client::{SignalProxyError, Visitor};

use super::LiveKit;
use crate::http::{SiteAddress, bearer_tokens};

impl LiveKit {
    /// Passes a signal request on; after an upgrade the two sockets live on in a task of their own, which keeps `slot`.
    pub async fn forward_signal(
        &self,
        request: Request,
        client: IpAddr,
        site: &SiteAddress,
        slot: impl Send + 'static,
    ) -> Result<Response, SignalProxyError> {
        let visitor = Visitor {
            address: Some(client),
            host: site.addressed().map(http::uri::Authority::as_str),
            https: site.is_https(),
            tokens: bearer_tokens(request.headers())
                .map(str::to_owned)
                .collect(),
        };
        self.signal.forward(request, &visitor, slot).await
    }
}
