//! `convoke child-exec`: ties this process to its parent, then becomes the media server.

use std::ffi::OsString;

use clap::Args;

/// The supervisor's arguments, passed through.
#[derive(Debug, Args)]
pub struct ChildExec {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    arguments: Vec<OsString>,
}

impl ChildExec {
    /// Returns only when the program could not be started.
    pub fn run(self) -> anyhow::Error {
        livekit_supervisor::child_exec(self.arguments).into()
    }
}
