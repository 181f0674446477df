//! `convoke media-server`: the built-in media server as a process of its own.

use std::path::PathBuf;

use clap::Args;

use crate::{logging, shutdown};

/// LiveKit's own configuration file decides everything.
#[derive(Debug, Args)]
pub struct MediaServer {
    /// LiveKit YAML file; keys this server has no use for are reported and passed over.
    #[arg(long, env = "LIVEKIT_CONFIG_PATH")]
    config: PathBuf,
    /// The site's own name or address: what it resolves to is told to clients beside this machine's addresses, unless
    /// rtc.node_ip is set.
    #[arg(long)]
    public_host: Option<String>,
}

impl MediaServer {
    /// Serves until asked to stop.
    pub async fn run(self) -> anyhow::Result<()> {
        let (mut config, warnings) = media_server::config::Config::load(&self.config)?;
        logging::start(&config.logging.level, config.logging.json)?;
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        config.rtc.public_host = self.public_host;
        http_edge::raise_descriptor_limit();
        media_server::run(config, shutdown::requested()?).await?;
        Ok(())
    }
}
