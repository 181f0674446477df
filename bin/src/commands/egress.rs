//! `convoke egress`: the recorder as a process of its own.

use std::{path::PathBuf, time::Duration};

use anyhow::Context;
use clap::Args;
use egress::{Server, Settings};
use http_edge::outbound::{Trust, direct};

use crate::{clock::wall_clock, logging, shutdown};

/// For one call of the LiveKit server or of a webhook's receiver.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Its own configuration file decides everything.
#[derive(Debug, Args)]
pub struct Egress {
    /// YAML file; docs/recordings.md lists its keys.
    #[arg(long, env = "EGRESS_CONFIG_FILE")]
    config: PathBuf,
}

impl Egress {
    /// Serves until asked to stop; what is recorded then goes on with the next start.
    pub async fn run(self) -> anyhow::Result<()> {
        let settings = Settings::load(&self.config)?;
        logging::start(&settings.log_level, settings.json)?;
        http_edge::raise_descriptor_limit();
        let http = direct(&Trust::System)?
            .user_agent("convoke-egress")
            .timeout(ANSWER_WITHIN)
            .build()
            .context("cannot make an HTTP client")?;
        let server = Server::bind(settings, http, std::env::var_os("PATH"), wall_clock).await?;
        tracing::info!(address = %server.address()?, "egress listens");
        server.serve(shutdown::requested()?).await;
        Ok(())
    }
}
