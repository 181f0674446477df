//! Commands: programs of agents' workers that this server starts and keeps alive, as its configuration says. What is seen of them
//! and done about them. It must not know how a process is started; each server of a site has its own.

mod change;
mod list;
mod read_log;
#[cfg(test)]
mod tests;

use serde::Serialize;
use thiserror::Error;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, clock::Timestamp, http::Problem};

/// Whoever keeps commands alive.
pub trait KeepsCommands: Send + Sync {
    /// All of them, as configured.
    fn overview(&self) -> Vec<KeptCommand>;
    /// Has one run again.
    fn start(&self, name: &str) -> Result<KeptCommand, CommandError>;
    /// Ends all processes of one.
    fn stop(&self, name: &str) -> Result<KeptCommand, CommandError>;
    /// Changes how many processes one has.
    fn scale(&self, name: &str, count: u8) -> Result<KeptCommand, CommandError>;
    /// What the processes of one said last, the oldest first.
    fn log(&self, name: &str) -> Result<Vec<CommandLine>, CommandError>;
}

/// A command as it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KeptCommand {
    /// As configured.
    pub name: String,
    /// The program, without its arguments.
    pub program: String,
    /// How many processes are wanted while it is not stopped.
    pub count: u8,
    /// Whether somebody stopped it.
    pub stopped: bool,
    /// By number.
    pub processes: Vec<CommandProcess>,
}

/// One process of a command.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CommandProcess {
    /// From 1 on; it stays when the process is started again.
    pub number: u8,
    /// What it is doing.
    pub state: CommandProcessState,
    /// Leads the process group; `null` while there is none.
    #[schema(required = true)]
    pub pid: Option<u32>,
    /// When the one that is there was started.
    #[schema(required = true)]
    pub started_at: Option<Timestamp>,
    /// How often it was started again since this server started, or since it was scaled up.
    pub restarts: u32,
    /// How the last one ended that nobody had asked to.
    #[schema(required = true)]
    pub last_exit: Option<String>,
}

/// What a process is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommandProcessState {
    /// About to be spawned.
    Starting,
    /// It is there.
    Running,
    /// It ended by itself, and is started again soon.
    Waiting,
    /// It was told to end.
    Ending,
}

/// A line of a process.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CommandLine {
    /// When it was heard.
    pub at: Timestamp,
    /// Its number.
    pub process: u8,
    /// Whether it came by standard error.
    pub is_error: bool,
    /// Without tokens and without the media server's secret.
    pub text: String,
}

/// Why a command does not change.
#[derive(Debug, Error)]
pub enum CommandError {
    /// None has this name.
    #[error("no command has this name")]
    NoSuch,
    /// What was decided could not be kept on the disk.
    #[error("what was decided about a command cannot be kept: {0}")]
    NotKept(String),
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Problem {
        match error {
            CommandError::NoSuch => Problem::not_found("command"),
            CommandError::NotKept(_) => Problem::internal(&error),
        }
    }
}

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(change::start))
        .routes(routes!(change::stop))
        .routes(routes!(change::scale))
        .routes(routes!(read_log::read))
}

/// Whoever keeps this server's commands; nobody where it has none.
fn keeper(app: &App) -> Result<&dyn KeepsCommands, CommandError> {
    let keeper = app.commands.get().ok_or(CommandError::NoSuch)?;
    Ok(keeper.as_ref())
}
