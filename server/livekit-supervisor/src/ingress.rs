//! What the ingress child is told. It knows nothing of streams: whatever a dead child carried, its encoders bring to the next.

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
    keeper::Work,
    logs::Speaker,
    side::{Door, Side, SideHandle, SideOptions, ws_url},
    yaml::INGRESS_FILE_NAME,
};

/// What the ingress child is told.
#[derive(Debug, Clone)]
pub struct IngressOptions {
    /// What any child beside the media child needs.
    pub side: SideOptions,
    /// Where encoders come.
    pub rtmp_address: SocketAddr,
    /// The setting that names the port there.
    pub rtmp_key: &'static str,
    /// Asked before an encoder is let in.
    pub admission_url: Option<Url>,
    /// The ffmpeg that transcodes.
    pub ffmpeg: PathBuf,
}

#[derive(Serialize)]
struct Config<'a> {
    api_key: &'a str,
    api_secret: &'a str,
    ws_url: Url,
    rtmp_bind_address: IpAddr,
    rtmp_port: u16,
    bind_address: IpAddr,
    port: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    admission_url: Option<&'a Url>,
    ffmpeg: &'a PathBuf,
    json: bool,
}

impl IngressOptions {
    /// Begins to keep the child running. Must be called inside a tokio runtime.
    pub fn start(self, wall_clock: fn() -> SystemTime) -> io::Result<SideHandle> {
        let config = self.config()?;
        let door = Door {
            address: self.rtmp_address,
            key: self.rtmp_key,
        };
        let side = Side {
            options: self.side,
            name: "ingress",
            speaker: Speaker::Ingress,
            file_name: INGRESS_FILE_NAME,
            config,
            door: Some(door),
            essentials: format!("{:?} {}", self.admission_url, self.rtmp_address),
            work: Work::People,
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
            rtmp_bind_address: self.rtmp_address.ip(),
            rtmp_port: self.rtmp_address.port(),
            bind_address: side.address.ip(),
            port: side.address.port(),
            admission_url: self.admission_url.as_ref(),
            ffmpeg: &self.ffmpeg,
            json: true,
        };
        serde_yaml::to_string(&config).map_err(io::Error::other)
    }
}
