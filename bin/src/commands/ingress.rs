//! `convoke ingress`: RTMP for the built-in media server, as a process of its own.

use std::{path::PathBuf, time::Duration};

use anyhow::Context;
use clap::Args;
use http_edge::outbound::{Trust, direct};
use ingress::{Server, Settings};

use crate::{clock::wall_clock, logging, shutdown};

/// For one question of admission.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Its own configuration file decides everything.
#[derive(Debug, Args)]
pub struct Ingress {
    /// YAML file; docs/media-server.md lists its keys.
    #[arg(long, env = "INGRESS_CONFIG_FILE")]
    config: PathBuf,
}

impl Ingress {
    /// Takes encoders until asked to stop.
    pub async fn run(self) -> anyhow::Result<()> {
        let settings = Settings::load(&self.config)?;
        logging::start(&settings.log_level, settings.json)?;
        http_edge::raise_descriptor_limit();
        let http = direct(&Trust::System)?
            .user_agent("convoke-ingress")
            .timeout(ANSWER_WITHIN)
            .build()
            .context("cannot make an HTTP client")?;
        let server = Server::bind(settings, http, wall_clock).await?;
        tracing::info!(address = %server.rtmp_address()?, "ingress listens for RTMP");
        server.serve(shutdown::requested()?).await;
        Ok(())
    }
}
