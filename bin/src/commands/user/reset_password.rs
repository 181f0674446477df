//! `convoke user reset-password`: prints a link to choose a new password with.

use std::io::{Write, stdout};

use clap::Args;
use secrecy::ExposeSecret;

use super::open;
use crate::site_config::SiteConfig;

/// Whose link, and where the server keeps its data.
#[derive(Debug, Args)]
pub struct ResetPassword {
    /// E-mail address of the account.
    email: String,
    #[command(flatten)]
    site: SiteConfig,
    /// The server's port, where server.public_url is not set (server.port).
    #[arg(long)]
    port: Option<u16>,
}

impl ResetPassword {
    /// Prints the link alone, so that a script can pass it on.
    pub async fn run(self) -> anyhow::Result<()> {
        let accounts = open(self.site, self.port).await?;
        let link = accounts.reset_password_link(&self.email).await;
        accounts.close().await;
        writeln!(stdout(), "{}", link?.expose_secret())?;
        Ok(())
    }
}
