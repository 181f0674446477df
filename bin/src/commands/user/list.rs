//! `convoke user list`: prints every account, for people or as JSON.

use std::io::{BufWriter, Write, stdout};

use clap::Args;
use convoke_platform::{Accounts, Timestamp, User};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::open;
use crate::site_config::SiteConfig;

/// How, and where the server keeps its data.
#[derive(Debug, Args)]
pub struct List {
    /// Print JSON: an array of accounts as the API describes them.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    site: SiteConfig,
}

impl List {
    /// Oldest first. A reader that goes away, such as `head`, ends it without a word.
    pub async fn run(self) -> anyhow::Result<()> {
        let accounts = open(self.site, None).await?;
        let printed = print(&accounts, self.json).await;
        accounts.close().await;
        match printed {
            Err(error) if is_broken_pipe(&error) => Ok(()),
            printed => printed,
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}

async fn print(accounts: &Accounts, json: bool) -> anyhow::Result<()> {
    let mut out = BufWriter::new(stdout());
    let (mut last, mut first) = (None, true);
    if json {
        write!(out, "[")?;
    } else {
        write_row(&mut out, ["ROLE", "STATE", "LAST SEEN", "ADDRESS", "NAME"])?;
    }
    loop {
        let page = accounts.page(last).await?;
        let Some(newest) = page.last() else { break };
        last = Some(newest.id);
        for user in &page {
            if json {
                let end = if first { "\n  " } else { ",\n  " };
                write!(out, "{end}{}", serde_json::to_string(user)?)?;
                first = false;
            } else {
                write_user(&mut out, user)?;
            }
        }
    }
    if json {
        writeln!(out, "\n]")?;
    }
    out.flush()?;
    Ok(())
}

fn write_user(out: &mut impl Write, user: &User) -> std::io::Result<()> {
    let state = if user.disabled { "disabled" } else { "active" };
    let (seen, email) = (user.last_seen_at.and_then(text), user.email.to_string());
    let seen = seen.as_deref().unwrap_or("never");
    let row = [user.role.as_str(), state, seen, &email, user.name.as_str()];
    write_row(out, row)
}

fn write_row(out: &mut impl Write, row: [&str; 5]) -> std::io::Result<()> {
    let [role, state, seen, email, name] = row;
    writeln!(out, "{role:8} {state:9} {seen:20} {email:31} {name}")
}

fn text(at: Timestamp) -> Option<String> {
    let at = OffsetDateTime::from_unix_timestamp(at.as_seconds()).ok()?;
    at.format(&Rfc3339).ok()
}
