//! `convoke doctor`: what keeps people out of calls here, in plain words, whether the site runs or not; and a link with which
//! a browser on another network looks for it from outside.

use std::{
    io::{IsTerminal, Write, stderr, stdout},
    process::ExitCode,
    time::Duration,
};

use clap::Args;
use convoke_platform::{BegunCheck, records};
use doctor::{Check, Finding, Report, ServerHalf, State, Told, examine, report, text};
use nix::sys::stat::{Mode, umask};
use qrcode::{QrCode, render::unicode::Dense1x2};
use secrecy::ExposeSecret;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::{
    doctor::{Known, collect},
    environment,
    site_config::SiteConfig,
};

const COULD_NOT_RUN: u8 = 3;
/// Somebody at a terminal takes a telephone out and opens the link.
const AT_A_TERMINAL: u64 = 600;
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Ends with 0 if nothing is wrong, 1 if there are warnings only, 2 if something is wrong, and 3 if it could not look.
#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    site: SiteConfig,
    /// The server's port (server.port).
    #[arg(long)]
    port: Option<u16>,
    /// Print one JSON object instead of sentences.
    #[arg(long)]
    json: bool,
    /// Print a link for a browser on another network, and wait so many seconds for it; 0 makes none. On a terminal 600
    /// when left out, else 0.
    #[arg(long, value_name = "SECONDS")]
    wait: Option<u64>,
}

impl Doctor {
    /// Looks at everything, and says what it found.
    pub async fn run(self) -> ExitCode {
        match self.look().await {
            Ok(state) => ExitCode::from(match state {
                State::Ok | State::Skipped => 0,
                State::Warn => 1,
                State::Fail => 2,
            }),
            Err(error) => {
                eprintln!("convoke doctor: {error:#}");
                ExitCode::from(COULD_NOT_RUN)
            }
        }
    }

    async fn look(self) -> anyhow::Result<State> {
        // SQLite's files beside the database are nobody else's business on this machine.
        umask(Mode::S_IRWXG | Mode::S_IRWXO);
        let config = match self.site.load(self.port) {
            Ok(config) => config,
            Err(error) => {
                let seen = report(refused(&error), None, None);
                self.say(&seen)?;
                return Ok(seen.state);
            }
        };
        let known = Known {
            records: records(&config).await,
            refused: None,
            variables: environment::variables().map(|(name, _)| name).collect(),
        };
        let facts = Box::pin(collect(&config, known)).await;
        let half = examine(&facts);
        let patience = Duration::from_secs(self.wait.unwrap_or(if stdout().is_terminal() {
            AT_A_TERMINAL
        } else {
            0
        }));
        let inside = report(half.clone(), None, None);
        if facts.running.is_none() || patience.is_zero() {
            self.say(&inside)?;
            return Ok(inside.state);
        }
        if !self.json {
            self.say(&inside)?;
        }
        let check = BegunCheck::begin(&config, half).await?;
        offer(check.url().expose_secret())?;
        let whole = tokio::select! {
            waited = wait(&check, patience) => waited?,
            _ = tokio::signal::ctrl_c() => None,
        };
        check.close().await;
        let Some(whole) = whole else {
            if self.json {
                self.say(&inside)?;
            }
            writeln!(
                stderr(),
                "Nobody has opened the link yet; its report will be on the page Administration, Doctor."
            )?;
            return Ok(inside.state);
        };
        self.say(&whole)?;
        Ok(whole.state)
    }

    fn say(&self, report: &Report) -> anyhow::Result<()> {
        let mut out = stdout().lock();
        if self.json {
            writeln!(out, "{}", json!(report))?;
        } else {
            write!(out, "{}", sentences(report))?;
        }
        Ok(out.flush()?)
    }
}

/// Nothing else can be looked at then.
fn refused(error: &convoke_platform::ConfigError) -> ServerHalf {
    ServerHalf {
        findings: vec![Finding::fail(
            Check::Configuration,
            format!("The configuration is refused: {error}."),
            "`convoke config` prints every key with what is allowed; `convoke config --check FILE` checks a file.",
        )],
        told: Told::default(),
    }
}

/// The link, and the same for a telephone's camera; beside what a program may read.
fn offer(url: &str) -> anyhow::Result<()> {
    let mut out = stderr().lock();
    let code = QrCode::new(url)?;
    // Terminals are dark: what is light there is what the code's ground has to be.
    let picture = code
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark)
        .build();
    writeln!(out, "\n{picture}")?;
    writeln!(
        out,
        "Open this on another network, such as a telephone without Wi-Fi; it is good for a day:\n{url}\n"
    )?;
    Ok(())
}

/// Both halves, once a browser has told its own.
async fn wait(check: &BegunCheck, patience: Duration) -> anyhow::Result<Option<Report>> {
    let end = Instant::now() + patience;
    loop {
        if let Some(report) = check.report().await? {
            return Ok(Some(report));
        }
        if Instant::now() >= end {
            return Ok(None);
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Each finding, and the verdict last: it stays in sight.
fn sentences(report: &Report) -> String {
    let mut sentences = text(&report.findings);
    sentences.extend(["\n", &report.said, "\n"]);
    if let Some(what_to_do) = &report.what_to_do {
        sentences.extend(["→ ", what_to_do, "\n"]);
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_is_read_last() {
        let half = ServerHalf {
            findings: vec![
                Finding::fail(Check::Dns, "a name leads nowhere", "add it"),
                Finding::ok(Check::Clock, "the clock is right"),
            ],
            told: Told::default(),
        };
        assert_eq!(
            sentences(&report(half, None, None)),
            "ok    the clock is right\nFAIL  a name leads nowhere\n      → add it\n\n\
             a name leads nowhere\n→ add it\n"
        );
    }
}
