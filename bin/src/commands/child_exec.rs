//! `convoke child-exec`: ties this process to its parent, then becomes the media server.

use std::{ffi::OsString, process::ExitCode};

use clap::Args;

/// The supervisor's arguments, passed through.
#[derive(Debug, Args)]
pub struct ChildExec {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    arguments: Vec<OsString>,
}

impl ChildExec {
    /// Returns when the program could not be started, or has ended where this process stays beside it.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        Ok(livekit_supervisor::child_exec(self.arguments)?)
    }
}
