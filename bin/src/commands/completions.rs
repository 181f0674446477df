//! `convoke completions`: what a shell needs to complete our commands.

use std::io::stdout;

use clap::{Args, Command, CommandFactory};
use clap_complete::{Shell, generate};

/// For which shell.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    /// Prints its script.
    pub fn run(&self) {
        let ours = crate::Arguments::command();
        // The library offers hidden commands too.
        let shown = ours.get_subcommands().filter(|one| !one.is_hide_set());
        let mut command = Command::new("convoke")
            .version(env!("CARGO_PKG_VERSION"))
            .subcommands(shown.cloned());
        generate(self.shell, &mut command, "convoke", &mut stdout());
    }
}
