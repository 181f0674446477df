//! A client for a server that the operator named.

use rustls::ClientConfig;

use super::Trust;

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The TLS library does not take its settings.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The HTTP library does not.
    #[error("HTTP client: {0}")]
    Http(#[from] reqwest::Error),
}

/// Speaks HTTP/1.1 with that server alone: through no proxy, and no answer sends it elsewhere, for tokens are nobody
/// else's business. How long to wait is up to the caller.
pub fn direct(trust: &Trust) -> Result<reqwest::ClientBuilder, ClientError> {
    Ok(direct_over(trust.client_config()?))
}

/// The same for TLS settings that others share, and with them their sessions.
pub(super) fn direct_over(tls: ClientConfig) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .http1_only()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
}
