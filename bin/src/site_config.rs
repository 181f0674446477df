//! Whose configuration a command works with that is not the server itself.

use std::path::PathBuf;

use clap::Args;
use convoke_platform::{Config, ConfigError};

use crate::environment;

/// Where the server's configuration and data are.
#[derive(Debug, Args)]
pub struct SiteConfig {
    /// The server's configuration file.
    #[arg(long, env = "CONVOKE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// The server's data folder (server.data_dir).
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
}

impl SiteConfig {
    /// What the server reads, with what was said on the command line; `port` is server.port where that was said.
    pub fn load(self, port: Option<u16>) -> Result<Config, ConfigError> {
        let said = [
            (
                "CONVOKE_SERVER__DATA_DIR",
                self.data_dir.map(|folder| folder.display().to_string()),
            ),
            ("CONVOKE_SERVER__PORT", port.map(|port| port.to_string())),
        ];
        let flags = said
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Config::load(
            self.config.as_deref(),
            environment::variables().chain(flags),
        )
    }
}
