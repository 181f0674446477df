//! What the egress child is told. It knows nothing of recordings: what a dead child was doing, the next one finds in its folder.

use std::{io, net::IpAddr, path::PathBuf, time::SystemTime};

use secrecy::ExposeSecret;
use serde::Serialize;
use url::Url;

use crate::{
    keeper::Work,
    logs::Speaker,
    side::{Side, SideHandle, SideOptions, ws_url},
    yaml::EGRESS_FILE_NAME,
};

/// What the egress child is told.
#[derive(Debug, Clone)]
pub struct EgressOptions {
    /// What any child beside the media child needs.
    pub side: SideOptions,
    /// Folder of recordings under way.
    pub folder: PathBuf,
    /// Who is told what happens to egresses.
    pub webhook_urls: Vec<Url>,
    /// Free space that recordings leave, in megabytes.
    pub reserve_mb: u64,
    /// The longest recording; 0 for no limit.
    pub max_minutes: u32,
    /// Recordings at the same time.
    pub max_parallel: usize,
    /// The ffmpeg that makes films of several pictures; `None`: it goes without.
    pub ffmpeg: Option<PathBuf>,
}

#[derive(Serialize)]
struct Config<'a> {
    api_key: &'a str,
    api_secret: &'a str,
    ws_url: Url,
    bind_address: IpAddr,
    port: u16,
    folder: &'a PathBuf,
    webhook: Webhook<'a>,
    reserve_mb: u64,
    max_minutes: u32,
    max_parallel: usize,
    /// Empty: it goes without, and looks for none.
    ffmpeg: PathBuf,
    json: bool,
}

#[derive(Serialize)]
struct Webhook<'a> {
    urls: &'a [Url],
}

impl EgressOptions {
    /// Begins to keep the child running. Must be called inside a tokio runtime.
    pub fn start(self, wall_clock: fn() -> SystemTime) -> io::Result<SideHandle> {
        let config = self.config()?;
        let side = Side {
            options: self.side,
            name: "egress",
            speaker: Speaker::Egress,
            file_name: EGRESS_FILE_NAME,
            config,
            door: None,
            essentials: format!("{:?} {}", self.webhook_urls, self.folder.display()),
            work: Work::Egresses,
        };
        Ok(SideHandle::start(side, wall_clock))
    }

    fn config(&self) -> io::Result<String> {
        let side = &self.side;
        let keys = &side.livekit.keys;
        let config = Config {
            api_key: &keys.api_key,
            api_secret: keys.api_secret.expose_secret(),
            ws_url: ws_url(&side.livekit)?,
            bind_address: side.address.ip(),
            port: side.address.port(),
            folder: &self.folder,
            webhook: Webhook {
                urls: &self.webhook_urls,
            },
            reserve_mb: self.reserve_mb,
            max_minutes: self.max_minutes,
            max_parallel: self.max_parallel,
            ffmpeg: self.ffmpeg.clone().unwrap_or_default(),
            json: true,
        };
        serde_yaml::to_string(&config).map_err(io::Error::other)
    }
}
