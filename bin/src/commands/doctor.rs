//! `convoke doctor`: what keeps people out of calls here, in plain words, whether the site runs or not.

use std::{
    io::{Write, stdout},
    path::PathBuf,
    process::ExitCode,
};

use clap::Args;
use convoke_platform::{Config, records};
use doctor::{Check, Finding, ServerHalf, State, Told, examine, worst};
use nix::sys::stat::{Mode, umask};
use serde_json::json;

use crate::{
    doctor::{Known, collect},
    environment,
};

const COULD_NOT_RUN: u8 = 3;

/// Ends with 0 if all is well, 1 if there are warnings only, 2 if something is wrong, and 3 if it could not look.
#[derive(Debug, Args)]
pub struct Doctor {
    /// The server's configuration file.
    #[arg(long, env = "CONVOKE_CONFIG")]
    config: Option<PathBuf>,
    /// The server's data folder (server.data_dir).
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// The server's port (server.port).
    #[arg(long)]
    port: Option<u16>,
    /// Print one JSON object instead of sentences.
    #[arg(long)]
    json: bool,
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
        let half = match self.load() {
            Ok(config) => {
                let known = Known {
                    records: records(&config).await,
                    refused: None,
                    variables: environment::variables().map(|(name, _)| name).collect(),
                };
                examine(&Box::pin(collect(&config, known)).await)
            }
            // Nothing else can be looked at then.
            Err(error) => ServerHalf {
                findings: vec![Finding::fail(
                    Check::Configuration,
                    format!("The configuration is refused: {error}."),
                    "`convoke config` prints every key with what is allowed; `convoke config --check FILE` checks a file.",
                )],
                told: Told::default(),
            },
        };
        let state = worst(&half.findings);
        let mut out = stdout().lock();
        if self.json {
            let report = json!({"state": state, "server": half});
            writeln!(out, "{report}")?;
        } else {
            write!(out, "{}", text(&half))?;
        }
        out.flush()?;
        Ok(state)
    }

    fn load(&self) -> Result<Config, convoke_platform::ConfigError> {
        let said = [
            (
                "CONVOKE_SERVER__DATA_DIR",
                self.data_dir.as_ref().map(|it| it.display().to_string()),
            ),
            (
                "CONVOKE_SERVER__PORT",
                self.port.map(|port| port.to_string()),
            ),
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

/// The findings for people, what is worst last: it stays in sight.
fn text(half: &ServerHalf) -> String {
    use std::fmt::Write;
    let mut findings: Vec<&Finding> = half.findings.iter().collect();
    findings.sort_by_key(|finding| (finding.state, finding.check));
    let mut text = String::new();
    for finding in findings {
        let mark = match finding.state {
            State::Ok => "ok  ",
            State::Skipped => "?   ",
            State::Warn => "WARN",
            State::Fail => "FAIL",
        };
        // Writing into a text does not fail.
        let _ = writeln!(text, "{mark}  {}", finding.said);
        if let Some(what_to_do) = &finding.what_to_do {
            let _ = writeln!(text, "      → {what_to_do}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_worst_is_read_last() {
        let half = ServerHalf {
            findings: vec![
                Finding::fail(Check::Dns, "a name leads nowhere", "add it"),
                Finding::ok(Check::Clock, "the clock is right"),
            ],
            told: Told::default(),
        };
        assert_eq!(
            text(&half),
            "ok    the clock is right\nFAIL  a name leads nowhere\n      → add it\n"
        );
    }
}
