//! The `convoke` command: reads the command line and hands over to one command. No business rules.

mod certificate;
mod commands;
mod compose;
mod data_dir;
mod environment;
mod listen;
mod logging;
mod matrix;
mod shutdown;

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
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("convoke: {error:#}");
            ExitCode::FAILURE
        }
    }
}
