//! `ingress`: LiveKit's address for encoders, and where ingresses are kept. LiveKit's own server keeps them in Redis.

use std::path::PathBuf;

use serde::Deserialize;

/// Where encoders publish with a stream key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Ingress {
    /// The address of WHIP that ingresses are told with, such as `https://meet.example.org/w`; empty leaves it out.
    pub whip_base_url: String,
    /// The same of RTMP, such as `rtmp://meet.example.org:1935/live`.
    pub rtmp_base_url: String,
    /// Whether somebody takes RTMP although no address of it is told (a key of ours): `convoke ingress` beside this server.
    pub rtmp: bool,
    /// The file that ingresses are kept in, which this server alone writes; without one there are none.
    pub state_file: Option<PathBuf>,
}

impl Ingress {
    /// Whether somebody takes RTMP.
    pub const fn takes_rtmp(&self) -> bool {
        self.rtmp || !self.rtmp_base_url.is_empty()
    }
}
