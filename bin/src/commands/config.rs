//! `convoke config`: shows the documented defaults, or says what is wrong with a file.

use std::{
    io::{Write, stdout},
    path::PathBuf,
};

use clap::Args;

use crate::environment;

/// Without arguments prints the documented defaults.
#[derive(Debug, Args)]
pub struct Config {
    /// Check this file (and the environment) instead of printing the defaults.
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
}

impl Config {
    /// Prints, or fails with the key that is wrong.
    pub fn run(self) -> anyhow::Result<()> {
        let mut out = stdout().lock();
        match self.check {
            None => out.write_all(convoke_platform::config::EXAMPLE.as_bytes())?,
            Some(path) => {
                let config = convoke_platform::Config::load(Some(&path), environment::variables())?;
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?;
                let recordings = runtime.block_on(convoke_platform::check_recordings(
                    &config,
                    std::env::var_os("PATH").as_deref(),
                ));
                let recordings = recordings.map_err(anyhow::Error::msg)?;
                writeln!(out, "{} is good; {recordings}", path.display())?;
            }
        }
        Ok(())
    }
}
