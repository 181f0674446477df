//! What the server is told once: by `convoke ingress`'s configuration file, whose words are those of LiveKit's own ingress where it
//! has them.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::{Path, PathBuf},
};

use livekit_wire::secret_file::{self, FileError};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// The configuration file (YAML).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Key of the media server's API.
    pub api_key: String,
    /// Its secret.
    pub api_secret: SecretString,
    /// The media server, such as `ws://127.0.0.1:7880`.
    pub ws_url: Url,
    /// Where encoders come.
    #[serde(default = "default_rtmp_address")]
    pub rtmp_bind_address: IpAddr,
    /// The port of RTMP; 0 for a free one.
    #[serde(default = "default_rtmp_port")]
    pub rtmp_port: u16,
    /// Where whoever watches this process asks for its health.
    #[serde(default = "default_address")]
    pub bind_address: IpAddr,
    /// The port of that; 0 for a free one.
    #[serde(default)]
    pub port: u16,
    /// Asked with a stream key before its encoder is let in, signed as LiveKit's webhooks are; anything but success refuses.
    #[serde(default)]
    pub admission_url: Option<Url>,
    /// The ffmpeg that transcodes.
    pub ffmpeg: PathBuf,
    /// Encoders at the same time.
    #[serde(default = "default_parallel")]
    pub max_parallel: usize,
    /// `error`, `warn`, `info` or `debug`.
    #[serde(default = "default_level")]
    pub log_level: String,
    /// Log as JSON.
    #[serde(default)]
    pub json: bool,
}

impl Settings {
    /// Reads the file.
    pub fn load(path: &Path) -> Result<Settings, FileError> {
        secret_file::yaml(path)
    }
}

fn default_rtmp_address() -> IpAddr {
    Ipv6Addr::UNSPECIFIED.into()
}

fn default_rtmp_port() -> u16 {
    1935
}

fn default_address() -> IpAddr {
    Ipv4Addr::LOCALHOST.into()
}

fn default_parallel() -> usize {
    20
}

fn default_level() -> String {
    "info".to_owned()
}
