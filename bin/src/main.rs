//! The `convoke` command: reads the command line and hands over to one command. No business rules.

#![cfg_attr(
    test,
    expect(
        clippy::disallowed_methods,
        reason = "tests may start from the machine's clock"
    )
)]

mod agent_commands;
mod archive;
mod certificate;
mod clock;
mod commands;
mod compose;
mod data_dir;
mod doctor;
mod environment;
mod listen;
mod logging;
mod matrix;
mod owner;
mod passed_sockets;
mod replacement;
mod service;
mod shutdown;
mod site_config;
mod turn;

use std::process::ExitCode;

use clap::Parser;

use crate::commands::Command;

/// glibc keeps what a burst has taken: after a thousand sockets that came and went, all of it. Without huge pages, which
/// stay whole for one live byte.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Self-hosted meetings in one binary.
#[derive(Debug, Parser)]
#[command(name = "convoke", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    match Arguments::parse().command.run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("convoke: {}", explain(&error));
            ExitCode::FAILURE
        }
    }
}

/// The error and its causes, less those whose words stand there already.
fn explain(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read it: {0}")]
    struct Unreadable(#[source] std::io::Error);

    #[test]
    fn no_cause_is_told_twice() {
        let error = anyhow::Error::new(Unreadable(std::io::Error::other("no disk")));
        assert_eq!(explain(&error), "cannot read it: no disk");
        let error = error.context("the key file");
        assert_eq!(explain(&error), "the key file: cannot read it: no disk");
    }
}
