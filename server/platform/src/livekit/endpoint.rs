//! Where LiveKit answers; whoever composes the platform fills it in.

use secrecy::SecretString;
use tokio::sync::watch;
use url::Url;

/// The media server as the platform is told about it.
#[derive(Clone)]
pub struct Media {
    /// Where it answers and with which keys.
    pub endpoint: Endpoint,
    /// Whether it answers now.
    pub status: watch::Receiver<MediaStatus>,
    /// Which engine it is, for people: `livekit-server`, `built-in` or `external`.
    pub engine: String,
}

/// Where a LiveKit server answers, and the keys shared with it.
#[derive(Clone)]
pub struct Endpoint {
    /// For the platform's own calls and the signal proxy; http or https.
    pub internal_url: Url,
    /// Name of the key.
    pub api_key: String,
    /// Signs tokens and webhooks.
    pub api_secret: SecretString,
    /// What browsers connect to (ws or wss); `None` means this site's own origin.
    pub public_ws_url: Option<Url>,
    /// Accept any certificate from `internal_url`.
    pub skip_tls_verify: bool,
}

/// Whether the media server can take calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaStatus {
    /// Not yet probed.
    Starting,
    /// Its probe answers.
    Ready,
    /// Its probe fails.
    Down {
        /// For the log, health and the administrator.
        reason: String,
    },
}
