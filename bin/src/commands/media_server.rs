//! `convoke media-server`: the built-in media server as a process of its own.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use crate::{logging, shutdown};

/// LiveKit's own configuration file decides everything.
#[derive(Debug, Args)]
pub struct MediaServer {
    /// LiveKit YAML file; keys this server has no use for are reported and passed over.
    #[arg(long, env = "LIVEKIT_CONFIG_PATH")]
    config: PathBuf,
}

impl MediaServer {
    /// Serves until asked to stop.
    pub async fn run(self) -> anyhow::Result<()> {
        let path = self.config.display();
        let text =
            std::fs::read_to_string(&self.config).with_context(|| format!("cannot read {path}"))?;
        let (config, warnings) =
            media_server::Config::from_yaml(&text).with_context(|| format!("in {path}"))?;
        logging::start_for_child(&config.logging.level)?;
        for warning in warnings {
            tracing::warn!(file = %path, "{warning}");
        }
        media_server::run(config, shutdown::requested()?).await?;
        Ok(())
    }
}
