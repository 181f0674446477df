//! `convoke user`: what an administrator does for an account without signing in.

use std::{
    io::{Write, stdout},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use convoke_platform::{Config, reset_password_link};
use nix::sys::stat::{Mode, umask};
use secrecy::ExposeSecret;

use crate::environment;

/// Works on the server's own database, whether the server runs or not.
#[derive(Debug, Args)]
pub struct User {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print a link with which the account's owner chooses a new password, once, within a day.
    ResetPassword(ResetPassword),
}

/// Whose link, and where the server keeps its data.
#[derive(Debug, Args)]
struct ResetPassword {
    /// E-mail address of the account.
    email: String,
    /// The server's configuration file.
    #[arg(long, env = "CONVOKE_CONFIG")]
    config: Option<PathBuf>,
    /// The server's data folder (server.data_dir).
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// The server's port, where server.public_url is not set (server.port).
    #[arg(long)]
    port: Option<u16>,
}

impl User {
    /// Does it, or says why not.
    pub async fn run(self) -> anyhow::Result<()> {
        match self.action {
            Action::ResetPassword(command) => command.run().await,
        }
    }
}

impl ResetPassword {
    async fn run(self) -> anyhow::Result<()> {
        let said = [
            (
                "CONVOKE_SERVER__DATA_DIR",
                self.data_dir.map(|folder| folder.display().to_string()),
            ),
            (
                "CONVOKE_SERVER__PORT",
                self.port.map(|port| port.to_string()),
            ),
        ];
        let flags = said
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let config = Config::load(
            self.config.as_deref(),
            environment::variables().chain(flags),
        )?;
        // SQLite's files beside the database are nobody else's business on this machine.
        umask(Mode::S_IRWXG | Mode::S_IRWXO);
        let link = reset_password_link(&config, &self.email).await?;
        writeln!(stdout(), "{}", link.expose_secret())?;
        Ok(())
    }
}
