//! `convoke user create`: makes an account. A password never comes from the command line, which every user of the machine
//! can read.

use std::{
    fs::File,
    io::{Read, Write, stdin, stdout},
    path::PathBuf,
};

use anyhow::{Context, ensure};
use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use convoke_platform::{NewAccount, Role};
use secrecy::{ExposeSecret, SecretString};

use super::open;
use crate::site_config::SiteConfig;

/// No password is longer.
const LONGEST_FILE: u64 = 4096;

/// Who gets an account, and where the server keeps its data.
#[derive(Debug, Args)]
pub struct Create {
    /// E-mail address that its owner signs in with.
    email: String,
    /// The name that others see; the address's first part when left out.
    #[arg(long)]
    name: Option<String>,
    /// What its owner may do.
    #[arg(long, default_value = "user", value_parser = roles())]
    role: Role,
    /// File whose first line is the password, `-` for standard input; without it a link to choose one is printed.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Ask for the password at the terminal.
    #[arg(long, conflicts_with = "password_file")]
    ask_password: bool,
    #[command(flatten)]
    site: SiteConfig,
    /// The server's port, where server.public_url is not set (server.port).
    #[arg(long)]
    port: Option<u16>,
}

fn roles() -> impl TypedValueParser<Value = Role> {
    let roles = [Role::User, Role::Auditor, Role::Support, Role::Admin];
    PossibleValuesParser::new(roles.map(Role::as_str)).try_map(|word| word.parse::<Role>())
}

impl Create {
    /// Prints the link to choose a password with, alone, where none was given.
    pub async fn run(self) -> anyhow::Result<()> {
        let password = match self.password_file {
            Some(file) => Some(read(&file)?),
            None if self.ask_password => Some(ask()?),
            None => None,
        };
        let local = self.email.rsplit_once('@').map(|(local, _)| local.trim());
        let name = self
            .name
            .unwrap_or_else(|| local.unwrap_or_default().to_owned());
        let accounts = open(self.site, self.port).await?;
        let made = accounts.create(NewAccount {
            email: self.email,
            name,
            role: self.role,
            password,
        });
        let made = made.await;
        accounts.close().await;
        let made = made?;
        match made.link {
            Some(link) => writeln!(stdout(), "{}", link.expose_secret())?,
            None => writeln!(stdout(), "made the account {}", made.user.email)?,
        }
        Ok(())
    }
}

fn read(file: &std::path::Path) -> anyhow::Result<SecretString> {
    let mut text = String::new();
    if file == std::path::Path::new("-") {
        stdin().take(LONGEST_FILE).read_to_string(&mut text)
    } else {
        File::open(file).and_then(|it| it.take(LONGEST_FILE).read_to_string(&mut text))
    }
    .with_context(|| format!("cannot read the password from {}", file.display()))?;
    let first = text.lines().next().unwrap_or_default();
    ensure!(!first.is_empty(), "{} holds no password", file.display());
    Ok(first.into())
}

fn ask() -> anyhow::Result<SecretString> {
    let ask = |what| {
        rpassword::prompt_password(what)
            .map(SecretString::from)
            .context("cannot ask at a terminal; there is --password-file, which takes - too")
    };
    let password = ask("Password: ")?;
    let again = ask("Once more: ")?;
    ensure!(
        password.expose_secret() == again.expose_secret(),
        "the two passwords differ"
    );
    Ok(password)
}
