//! What all peer connections of a server share; it knows nothing of one participant.

use std::net::SocketAddr;
use std::time::Duration;

use str0m::config::DtlsCert;

use crate::forward::Codec;

/// Where the server can be reached, as told in ICE candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LocalCandidate {
    /// A UDP host candidate.
    Udp(SocketAddr),
    /// A passive TCP host candidate (RFC 6544).
    TcpPassive(SocketAddr),
}

impl LocalCandidate {
    /// The advertised address.
    pub const fn address(self) -> SocketAddr {
        match self {
            Self::Udp(address) | Self::TcpPassive(address) => address,
        }
    }
}

/// Settings of every peer connection; built once and shared by reference.
#[derive(Debug, Clone)]
pub struct PeerConfig {
    /// Addresses to offer; the net side owns the sockets behind them.
    pub candidates: Vec<LocalCandidate>,
    /// Answer connectivity checks only (`rtc.use_ice_lite`).
    pub ice_lite: bool,
    /// The server's DTLS certificate; `None` makes a fresh one per connection, which costs a key generation each.
    pub dtls_certificate: Option<DtlsCert>,
    /// Codecs the room allows (`room.enabled_codecs`), in LiveKit's order of preference.
    pub codecs: Vec<Codec>,
    /// Retransmission history per outgoing video stream.
    pub video_history: Duration,
}

impl PeerConfig {
    /// LiveKit's defaults for the given addresses.
    pub fn new(candidates: Vec<LocalCandidate>) -> Self {
        Self {
            candidates,
            ice_lite: false,
            dtls_certificate: None,
            codecs: vec![
                Codec::Opus,
                Codec::Red,
                Codec::Pcmu,
                Codec::Pcma,
                Codec::Vp8,
                Codec::H264,
                Codec::Vp9,
                Codec::Av1,
                Codec::H265,
            ],
            video_history: Duration::from_secs(2),
        }
    }
}
