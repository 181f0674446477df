//! What the egress child is told. It knows nothing of recordings: what a dead child was doing, the next one finds in its folder.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::SystemTime,
};

use secrecy::ExposeSecret;
use serde::Serialize;
use url::Url;

use crate::{
    logs::Speaker,
    options::{Command, Timings},
    side::{Side, SideHandle, ws_url},
    yaml::EGRESS_FILE_NAME,
};

/// What the egress child is told.
#[derive(Debug, Clone)]
pub struct EgressOptions {
    /// The program; ` --config FILE` is appended.
    pub command: Command,
    /// The program that calls [`crate::child_exec`] with the arguments that follow its own.
    pub child_exec: Command,
    /// Where it listens; see [`SideHandle::free_address`].
    pub address: SocketAddr,
    /// Folder for the generated file.
    pub data_dir: PathBuf,
    /// Folder of recordings under way.
    pub folder: PathBuf,
    /// The LiveKit server that it records on, and its keys.
    pub livekit: crate::Endpoint,
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
    /// How long restarts wait.
    pub timings: Timings,
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
            name: "egress",
            speaker: Speaker::Egress,
            command: self.command,
            child_exec: self.child_exec,
            address: self.address,
            data_dir: self.data_dir,
            file_name: EGRESS_FILE_NAME,
            config,
            livekit: self.livekit,
            timings: self.timings,
        };
        SideHandle::start(side, wall_clock)
    }

    fn config(&self) -> io::Result<String> {
        let keys = &self.livekit.keys;
        let config = Config {
            api_key: &keys.api_key,
            api_secret: keys.api_secret.expose_secret(),
            ws_url: ws_url(&self.livekit)?,
            bind_address: self.address.ip(),
            port: self.address.port(),
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
