//! `convoke man`: the manual pages, made of what `--help` says.

use std::{
    io::{Write, stdout},
    path::PathBuf,
};

use anyhow::Context;
use clap::{Args, CommandFactory};
use clap_mangen::{Man as Page, generate_to};

/// One page, or all.
#[derive(Debug, Args)]
pub struct Man {
    /// Folder for the pages of all commands; without it the first page is printed.
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
}

impl Man {
    /// Prints or writes them.
    pub fn run(self) -> anyhow::Result<()> {
        let command = crate::Arguments::command();
        if let Some(folder) = self.to {
            return std::fs::create_dir_all(&folder)
                .and_then(|()| generate_to(command, &folder))
                .with_context(|| format!("cannot write into {}", folder.display()));
        }
        let mut page = Vec::new();
        Page::new(command).render(&mut page)?;
        Ok(stdout().write_all(&page)?)
    }
}
