//! Fills the platform's port to commands: the supervisor keeps them alive, as the configuration names them.

use std::{path::PathBuf, time::Duration};

use anyhow::Context;
use convoke_platform::{
    CommandError, CommandLine, CommandProcess, CommandProcessState, Config, Endpoint,
    KeepsCommands, KeptCommand,
};
use livekit_supervisor::{
    AgentCommand, ApiKeys, Command, CommandReport, Commands, CommandsOptions, ProcessReport,
    ProcessState, Timings,
};

use crate::{clock::wall_clock, compose::own};

/// The programs that run beside the site.
pub struct AgentCommands(Commands);

/// Starts what the configuration names; `None` where it names nothing.
pub fn start(config: &Config, endpoint: &Endpoint) -> anyhow::Result<Option<AgentCommands>> {
    let agents = &config.agents;
    if agents.commands.is_empty() {
        return Ok(None);
    }
    let commands = agents.commands.iter().map(|command| {
        let mut words = command.command.iter();
        AgentCommand {
            name: command.name.to_string(),
            command: Command {
                program: words.next().map(PathBuf::from).unwrap_or_default(),
                args: words.map(Into::into).collect(),
            },
            env_file: command.env_file.clone(),
            working_dir: command.working_dir.clone(),
            count: command.count,
        }
    });
    let options = CommandsOptions {
        commands: commands.collect(),
        child_exec: own("child-exec")?,
        data_dir: config.server.data_dir.clone(),
        livekit: livekit_supervisor::Endpoint {
            internal_url: endpoint.internal_url.clone(),
            keys: ApiKeys {
                api_key: endpoint.api_key.clone(),
                api_secret: endpoint.api_secret.clone(),
            },
        },
        drain: Duration::from_secs(agents.drain_seconds.into()),
        timings: Timings::default(),
        wall_clock,
    };
    let commands = Commands::start(options).context("cannot start the commands of agents")?;
    Ok(Some(AgentCommands(commands)))
}

impl AgentCommands {
    /// For the platform.
    pub fn keeper(&self) -> Box<dyn KeepsCommands> {
        Box::new(AgentCommands(self.0.clone()))
    }

    /// Tells all of them to end, and waits until they have.
    pub async fn shutdown(self) {
        self.0.shutdown().await;
    }
}

impl KeepsCommands for AgentCommands {
    fn overview(&self) -> Vec<KeptCommand> {
        self.0.overview().into_iter().map(told).collect()
    }

    fn start(&self, name: &str) -> Result<KeptCommand, CommandError> {
        self.0.start_command(name).map(told).map_err(refused)
    }

    fn stop(&self, name: &str) -> Result<KeptCommand, CommandError> {
        self.0.stop_command(name).map(told).map_err(refused)
    }

    fn scale(&self, name: &str, count: u8) -> Result<KeptCommand, CommandError> {
        self.0.scale(name, count).map(told).map_err(refused)
    }

    fn log(&self, name: &str) -> Result<Vec<CommandLine>, CommandError> {
        let lines = self.0.log(name).map_err(refused)?.into_iter();
        let line = |line: livekit_supervisor::OutputLine| CommandLine {
            at: line.at.into(),
            process: line.process,
            is_error: line.is_error,
            text: line.text,
        };
        Ok(lines.map(line).collect())
    }
}

fn told(report: CommandReport) -> KeptCommand {
    KeptCommand {
        name: report.name,
        program: report.program,
        count: report.count,
        stopped: report.stopped,
        processes: report.processes.into_iter().filter_map(process).collect(),
    }
}

/// `None` where nothing is left of it.
fn process(report: ProcessReport) -> Option<CommandProcess> {
    let state = match report.state {
        ProcessState::Starting => CommandProcessState::Starting,
        ProcessState::Running => CommandProcessState::Running,
        ProcessState::Waiting => CommandProcessState::Waiting,
        ProcessState::Ending => CommandProcessState::Ending,
        ProcessState::Gone => return None,
    };
    Some(CommandProcess {
        number: report.number,
        state,
        pid: report.pid,
        started_at: report.started_at.map(Into::into),
        restarts: report.restarts,
        last_exit: report.last_exit,
    })
}

fn refused(error: livekit_supervisor::CommandError) -> CommandError {
    match error {
        livekit_supervisor::CommandError::NoSuch => CommandError::NoSuch,
        error @ livekit_supervisor::CommandError::Kept(_) => {
            CommandError::NotKept(error.to_string())
        }
    }
}
