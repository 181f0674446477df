//! `turn`: LiveKit's embedded TURN server. Parsed so that a shared file is understood; the server itself comes later.

use serde::Deserialize;

/// The embedded TURN server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Turn {
    /// Serve TURN.
    pub enabled: bool,
    /// Its public name.
    pub domain: String,
    /// Certificate for TURN over TLS.
    pub cert_file: String,
    /// Private key for TURN over TLS.
    pub key_file: String,
    /// 0 is off.
    pub tls_port: u16,
    /// 0 is off.
    pub udp_port: u16,
    /// First relay port.
    pub relay_range_start: u16,
    /// Last relay port.
    pub relay_range_end: u16,
    /// TLS ends at a load balancer.
    pub external_tls: bool,
}
