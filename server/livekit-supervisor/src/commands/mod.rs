//! Keeps the programs of others alive beside the media child, as many of each as are wanted: workers of agents, mostly. It knows
//! nothing of what they do.

mod env_file;
mod kept;
mod output;
mod process;

use std::{
    collections::BTreeMap,
    io,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use parking_lot::Mutex;
use tokio::runtime::Handle;

use crate::{
    options::{Command, Timings},
    processes::Parent,
    state::Endpoint,
};

pub use output::OutputLine;
pub use process::{ProcessReport, ProcessState};

use kept::{Kept, KeptFile};
use output::Output;
use process::Process;

/// Processes of one command.
pub const MOST_PROCESSES: u8 = 16;

/// A program of somebody else's.
#[derive(Debug, Clone)]
pub struct AgentCommand {
    /// Names it among the others.
    pub name: String,
    /// The program and its arguments.
    pub command: Command,
    /// `NAME=VALUE` lines for its environment, read at each start; they win over what it is given else.
    pub env_file: Option<PathBuf>,
    /// Where it starts; our own folder if not said.
    pub working_dir: Option<PathBuf>,
    /// How many processes run, unless somebody scaled it.
    pub count: u8,
}

/// What all of them are told.
#[derive(Debug, Clone)]
pub struct CommandsOptions {
    /// At most one of each name.
    pub commands: Vec<AgentCommand>,
    /// The program that calls [`crate::child_exec`] with the arguments that follow its own.
    pub child_exec: Command,
    /// Where what administrators decide is kept.
    pub data_dir: PathBuf,
    /// The LiveKit server that they work for: its address and keys are in their environment.
    pub livekit: Endpoint,
    /// How long one that is told to end may take.
    pub drain: Duration,
    /// How long restarts wait.
    pub timings: Timings,
    /// For people.
    pub wall_clock: fn() -> SystemTime,
}

/// A command as it is.
#[derive(Debug, Clone)]
pub struct CommandReport {
    /// As configured.
    pub name: String,
    /// The program, without its arguments.
    pub program: String,
    /// How many processes are wanted while it is not stopped.
    pub count: u8,
    /// Whether somebody stopped it.
    pub stopped: bool,
    /// Those that run, wait or end, by number.
    pub processes: Vec<ProcessReport>,
}

/// Why a command does not change.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// None has this name.
    #[error("no command has this name")]
    NoSuch,
    /// What was decided could not be kept; nothing changed.
    #[error("cannot keep what was decided: {0}")]
    Kept(#[source] io::Error),
}

struct Running {
    command: AgentCommand,
    count: u8,
    stopped: bool,
    processes: Vec<Process>,
    /// What was said under each number, also by those that are gone: whoever asks why it ended reads it after a new start.
    outputs: BTreeMap<u8, Output>,
}

struct Inside {
    running: Vec<Running>,
    kept: KeptFile,
    closing: bool,
}

/// All commands; clones are handles to the same ones. Its processes end with it, however it ends.
#[derive(Clone)]
pub struct Commands {
    options: Arc<CommandsOptions>,
    parent: Arc<Parent>,
    inside: Arc<Mutex<Inside>>,
}

impl Commands {
    /// Starts what is to run. Must be called inside a tokio runtime.
    pub fn start(options: CommandsOptions) -> io::Result<Commands> {
        let (file, kept) = KeptFile::open(&options.data_dir);
        let running = options.commands.iter().map(|command| {
            let kept = kept.iter().find(|kept| kept.is_of(command));
            Running {
                command: command.clone(),
                count: kept
                    .map_or(command.count, |kept| kept.count)
                    .min(MOST_PROCESSES),
                stopped: kept.is_some_and(|kept| kept.stopped),
                processes: Vec::new(),
                outputs: BTreeMap::new(),
            }
        });
        let inside = Inside {
            running: running.collect(),
            kept: file,
            closing: false,
        };
        let commands = Commands {
            parent: Arc::new(Parent::start(Handle::current())?),
            options: Arc::new(options),
            inside: Arc::new(Mutex::new(inside)),
        };
        let mut inside = commands.inside.lock();
        for running in &mut inside.running {
            commands.reach(running);
        }
        drop(inside);
        Ok(commands)
    }

    /// Every command, as configured.
    pub fn overview(&self) -> Vec<CommandReport> {
        let inside = self.inside.lock();
        inside.running.iter().map(Running::report).collect()
    }

    /// Has it run, as many as are wanted.
    pub fn start_command(&self, name: &str) -> Result<CommandReport, CommandError> {
        self.change(name, |running| running.stopped = false)
    }

    /// Ends all of its processes, and starts none.
    pub fn stop_command(&self, name: &str) -> Result<CommandReport, CommandError> {
        self.change(name, |running| running.stopped = true)
    }

    /// Changes how many of it are wanted.
    pub fn scale(&self, name: &str, count: u8) -> Result<CommandReport, CommandError> {
        self.change(name, |running| running.count = count.min(MOST_PROCESSES))
    }

    /// What its processes said last, in the order of time.
    pub fn log(&self, name: &str) -> Result<Vec<OutputLine>, CommandError> {
        let inside = self.inside.lock();
        let running = inside.running.iter().find(|it| it.command.name == name);
        let outputs = &running.ok_or(CommandError::NoSuch)?.outputs;
        let mut lines: Vec<_> = outputs.values().flat_map(Output::lines).collect();
        // Those of one moment stay in their order.
        lines.sort_by_key(|line| line.at);
        Ok(lines)
    }

    /// Ends all processes, and returns when nothing is left of them.
    pub async fn shutdown(&self) {
        let ending: Vec<_> = {
            let mut inside = self.inside.lock();
            inside.closing = true;
            let all = inside.running.iter_mut();
            all.flat_map(|running| std::mem::take(&mut running.processes))
                .collect()
        };
        for process in &ending {
            process.end(self.options.drain);
        }
        for process in ending {
            process.gone().await;
        }
    }

    fn change(
        &self,
        name: &str,
        change: impl FnOnce(&mut Running),
    ) -> Result<CommandReport, CommandError> {
        let mut inside = self.inside.lock();
        let Inside {
            running,
            kept,
            closing,
        } = &mut *inside;
        let index = running.iter().position(|it| it.command.name == name);
        let index = index.ok_or(CommandError::NoSuch)?;
        let before = (running[index].count, running[index].stopped);
        change(&mut running[index]);
        if let Err(error) = kept.keep(running.iter().map(Running::kept)) {
            (running[index].count, running[index].stopped) = before;
            return Err(CommandError::Kept(error));
        }
        if !*closing {
            self.reach(&mut running[index]);
        }
        Ok(running[index].report())
    }

    /// Starts and ends processes until there are as many as are wanted.
    fn reach(&self, running: &mut Running) {
        running.processes.retain(|process| !process.is_gone());
        let wanted = if running.stopped { 0 } else { running.count };
        let live = running.processes.iter().filter(|it| !it.is_ending());
        let live = live.count();
        // The last ones go first.
        let too_many = live.saturating_sub(usize::from(wanted));
        let last = running.processes.iter().rev();
        for process in last.filter(|it| !it.is_ending()).take(too_many) {
            process.end(self.options.drain);
        }
        for _ in live..usize::from(wanted) {
            let taken = |number: &u8| !running.processes.iter().any(|it| it.number == *number);
            let number = (1..=u8::MAX).find(taken).unwrap_or(u8::MAX);
            let output = running.outputs.entry(number).or_insert_with(|| {
                let secret = self.options.livekit.keys.api_secret.clone();
                let name = running.command.name.clone();
                Output::new(name, number, secret, self.options.wall_clock)
            });
            let process = Process::start(
                number,
                output.clone(),
                running.command.clone(),
                Arc::clone(&self.options),
                Arc::clone(&self.parent),
            );
            running.processes.push(process);
            running.processes.sort_by_key(|process| process.number);
        }
    }
}

impl Running {
    fn report(&self) -> CommandReport {
        let processes = self.processes.iter().filter(|process| !process.is_gone());
        CommandReport {
            name: self.command.name.clone(),
            program: self.command.command.program.display().to_string(),
            count: self.count,
            stopped: self.stopped,
            processes: processes.map(Process::report).collect(),
        }
    }

    fn kept(&self) -> Kept {
        Kept {
            name: self.command.name.clone(),
            configured: self.command.count,
            count: self.count,
            stopped: self.stopped,
        }
    }
}
