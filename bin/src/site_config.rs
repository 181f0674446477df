//! Whose configuration a command works with, and what its command line puts before that.

use std::path::{Path, PathBuf};

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
    pub fn load(&self, port: Option<u16>) -> Result<Config, ConfigError> {
        let variables = variables(self.data_dir.as_deref(), port);
        Config::load(self.config.as_deref(), variables)
    }
}

/// The environment, and what was said on the command line in its place.
pub fn variables(
    data_dir: Option<&Path>,
    port: Option<u16>,
) -> impl Iterator<Item = (String, String)> {
    let said = [
        (
            "CONVOKE_SERVER__DATA_DIR",
            data_dir.map(|folder| folder.display().to_string()),
        ),
        ("CONVOKE_SERVER__PORT", port.map(|port| port.to_string())),
    ];
    let flags = said
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    environment::variables().chain(flags)
}
