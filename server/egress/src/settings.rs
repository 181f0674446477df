//! What the server is told once: by `convoke egress`'s configuration file, whose words are those of LiveKit's own egress where it
//! has them.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
    time::Duration,
};

use livekit_wire::secret_file::{self, FileError};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// The configuration file (YAML).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Key of the LiveKit server's API; it also verifies callers and signs webhooks.
    pub api_key: String,
    /// Its secret.
    pub api_secret: SecretString,
    /// The LiveKit server, such as `ws://127.0.0.1:7880`.
    pub ws_url: Url,
    /// Where this server listens.
    #[serde(default = "default_address")]
    pub bind_address: IpAddr,
    /// Its port; 0 for a free one.
    #[serde(default)]
    pub port: u16,
    /// The folder of all egresses: track files while they are recorded, and films.
    pub folder: PathBuf,
    /// Who is told of `egress_started`, `egress_updated` and `egress_ended`.
    #[serde(default)]
    pub webhook: Webhook,
    /// No egress begins, and all end, when less than so many megabytes are free on the folder's disk.
    #[serde(default = "default_reserve")]
    pub reserve_mb: u64,
    /// The longest egress; 0 for no limit.
    #[serde(default)]
    pub max_minutes: u32,
    /// Egresses at the same time.
    #[serde(default = "default_parallel")]
    pub max_parallel: usize,
    /// The ffmpeg that makes films of several pictures; without this the one on PATH, and with an empty text none.
    #[serde(default)]
    pub ffmpeg: Option<PathBuf>,
    /// Ended egresses are listed for so many hours (the original's 24); their films stay until they are removed.
    #[serde(default = "default_listed")]
    pub listed_hours: u32,
    /// `error`, `warn`, `info` or `debug`.
    #[serde(default = "default_level")]
    pub log_level: String,
    /// Log as JSON.
    #[serde(default)]
    pub json: bool,
}

/// Receivers of webhooks.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Their addresses.
    #[serde(default)]
    pub urls: Vec<Url>,
}

impl Settings {
    /// Reads the file.
    pub fn load(path: &Path) -> Result<Settings, FileError> {
        secret_file::yaml(path)
    }

    pub(crate) fn longest(&self) -> Option<Duration> {
        (self.max_minutes > 0).then(|| Duration::from_mins(self.max_minutes.into()))
    }
}

fn default_address() -> IpAddr {
    Ipv4Addr::LOCALHOST.into()
}

fn default_reserve() -> u64 {
    2_048
}

fn default_parallel() -> usize {
    20
}

fn default_listed() -> u32 {
    24
}

fn default_level() -> String {
    "info".to_owned()
}
