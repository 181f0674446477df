//! `convoke user`: what an administrator does for accounts without signing in.

mod create;
mod list;
mod reset_password;

use clap::{Args, Subcommand};
use convoke_platform::Accounts;
use nix::sys::stat::{Mode, umask};

use crate::{data_dir, site_config::SiteConfig};

/// Works on the server's own database, whether the server runs or not.
#[derive(Debug, Args)]
pub struct User {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make an account, with a password or with a link to choose one.
    Create(create::Create),
    /// Print every account.
    List(list::List),
    /// Print a link with which the account's owner chooses a new password, once, within a day.
    ResetPassword(reset_password::ResetPassword),
}

impl User {
    /// Does it, or says why not.
    pub async fn run(self) -> anyhow::Result<()> {
        match self.action {
            Action::Create(command) => command.run().await,
            Action::List(command) => command.run().await,
            Action::ResetPassword(command) => command.run().await,
        }
    }
}

async fn open(site: SiteConfig, port: Option<u16>) -> anyhow::Result<Accounts> {
    let config = site.load(port)?;
    data_dir::settle(&config.server.data_dir)?;
    // SQLite's files beside the database are nobody else's business on this machine.
    umask(Mode::S_IRWXG | Mode::S_IRWXO);
    Ok(Accounts::open(config).await?)
}
