//! `convoke stop --media`: ends what goes on after the site was stopped.

use std::{
    io::{Write, stdout},
    time::Duration,
};

use anyhow::bail;
use clap::Args;
use livekit_supervisor::LeftBehind;

use crate::{data_dir::DataDir, site_config::SiteConfig};

/// For the farewell of whoever is in a call, and for what is being recorded.
pub const GRACE: Duration = Duration::from_secs(5);

/// Which site's, and what if that runs.
#[derive(Debug, Args)]
pub struct Stop {
    /// The media server, the recorder and the ingress process. The site itself is stopped as it was started.
    #[arg(long, required = true)]
    media: bool,
    /// Also while the site runs, which starts them again at once, with the program and the settings of today: whoever is in a
    /// call is away for some seconds.
    #[arg(long)]
    restart: bool,
    #[command(flatten)]
    site: SiteConfig,
}

impl Stop {
    /// Ends them and says which there were.
    pub async fn run(self) -> anyhow::Result<()> {
        let config = self.site.load(None)?;
        let data_dir = &config.server.data_dir;
        if !data_dir.is_dir() {
            bail!("there is no data folder {}", data_dir.display());
        }
        // Held meanwhile, so that no site starts what we end.
        let claimed = DataDir::try_claim(data_dir)?;
        if claimed.is_none() && !self.restart {
            bail!(
                "the site runs and would start them again at once: stop it first, or say --restart to have them started anew, \
                 which takes whoever is in a call away for some seconds"
            );
        }
        let left = livekit_supervisor::end_left_behind(data_dir, GRACE).await;
        let mut out = stdout().lock();
        if left == LeftBehind::default() {
            writeln!(out, "nothing of it runs")?;
        }
        for name in left.ended {
            writeln!(out, "ended: {name}")?;
        }
        if !left.refused.is_empty() {
            bail!(
                "still running, and not to be told anything: {}; say it as the user that the site runs as, or as root",
                left.refused.join(", ")
            );
        }
        Ok(())
    }
}
