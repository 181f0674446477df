//! One process of a command, and its successors: started, heard, started again when it ends, ended when it is to.

use std::{
    ffi::OsString,
    io,
    process::ExitStatus,
    sync::Arc,
    time::{Duration, SystemTime},
};

use parking_lot::Mutex;
use secrecy::ExposeSecret;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use super::{AgentCommand, CommandsOptions, env_file, output::Output};
use crate::{
    backoff::Backoff,
    options::Command,
    processes::{Parent, Surroundings, asked, drain, kill_group},
    side::ws_url,
};

/// How long a finished process' last output is waited for; one that it left behind may hold the pipe open.
const LAST_OUTPUT: Duration = Duration::from_secs(1);

/// What a process is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessState {
    /// About to be spawned.
    Starting,
    /// It is there.
    Running,
    /// It ended by itself, and is started again soon.
    Waiting,
    /// It was told to end.
    Ending,
    /// Nothing is left of it.
    Gone,
}

/// A process as it is.
#[derive(Debug, Clone)]
pub struct ProcessReport {
    /// From 1 on; it stays when the process is started again.
    pub number: u8,
    /// What it is doing.
    pub state: ProcessState,
    /// Leads the group of all that it starts.
    pub pid: Option<u32>,
    /// When the one that is there was started.
    pub started_at: Option<SystemTime>,
    /// How often it was started again.
    pub restarts: u32,
    /// How the last one ended that nobody had asked to.
    pub last_exit: Option<String>,
}

/// Holds the process' life: dropping it kills it.
pub struct Process {
    pub number: u8,
    report: Arc<Mutex<ProcessReport>>,
    stop: watch::Sender<Option<Duration>>,
    task: JoinHandle<()>,
}

impl Process {
    pub fn start(
        number: u8,
        output: Output,
        command: AgentCommand,
        options: Arc<CommandsOptions>,
        parent: Arc<Parent>,
    ) -> Process {
        let report = Arc::new(Mutex::new(ProcessReport {
            number,
            state: ProcessState::Starting,
            pid: None,
            started_at: None,
            restarts: 0,
            last_exit: None,
        }));
        let (stop, stopped) = watch::channel(None);
        let life = Life {
            command,
            options,
            parent,
            report: Arc::clone(&report),
            output,
            stop: stopped,
        };
        Process {
            number,
            report,
            stop,
            task: tokio::spawn(life.run()),
        }
    }

    /// SIGTERM, up to `grace`, then SIGKILL to its group.
    pub fn end(&self, grace: Duration) {
        let mut report = self.report.lock();
        if report.state != ProcessState::Gone {
            report.state = ProcessState::Ending;
        }
        drop(report);
        self.stop.send_replace(Some(grace));
    }

    /// Resolves when nothing is left of it.
    pub async fn gone(self) {
        if let Err(error) = self.task.await {
            tracing::error!(%error, "whoever keeps a command alive ended badly");
        }
    }

    pub fn is_ending(&self) -> bool {
        matches!(
            self.report.lock().state,
            ProcessState::Ending | ProcessState::Gone
        )
    }

    pub fn is_gone(&self) -> bool {
        self.report.lock().state == ProcessState::Gone
    }

    pub fn report(&self) -> ProcessReport {
        self.report.lock().clone()
    }
}

struct Life {
    command: AgentCommand,
    options: Arc<CommandsOptions>,
    parent: Arc<Parent>,
    report: Arc<Mutex<ProcessReport>>,
    output: Output,
    stop: watch::Receiver<Option<Duration>>,
}

enum End {
    Asked,
    /// By itself, after so long.
    Alone {
        how: String,
        after: Duration,
    },
}

/// All that a process started: it is killed with whoever keeps it alive, whatever ends that.
struct Group(u32);

impl Drop for Group {
    fn drop(&mut self) {
        kill_group(self.0);
    }
}

impl Life {
    async fn run(mut self) {
        let mut backoff = Backoff::new(self.options.timings);
        while let End::Alone { how, after } = self.live_once().await {
            let retry_in = backoff.after_failure(after);
            let (name, seconds) = (&self.command.name, retry_in.as_secs());
            tracing::warn!(
                command = name,
                retry_in_seconds = seconds,
                "a command {how}"
            );
            self.output.note(&format!("[convoke] {how}"), true);
            self.see(|report| {
                report.state = ProcessState::Waiting;
                report.last_exit = Some(how);
            });
            tokio::select! {
                biased;
                _ = asked(&mut self.stop) => break,
                () = sleep(retry_in) => {}
            }
            self.see(|report| {
                report.state = ProcessState::Starting;
                report.restarts = report.restarts.saturating_add(1);
            });
        }
        let mut report = self.report.lock();
        report.state = ProcessState::Gone;
        report.pid = None;
    }

    /// Notes what is so; one that was told to end stays one.
    fn see(&self, change: impl FnOnce(&mut ProcessReport)) {
        let mut report = self.report.lock();
        let ending = report.state == ProcessState::Ending;
        change(&mut report);
        if ending {
            report.state = ProcessState::Ending;
        }
    }

    async fn live_once(&self) -> End {
        let failed = |error: io::Error| End::Alone {
            how: format!("cannot be started: {error}"),
            after: Duration::ZERO,
        };
        let surroundings = match self.surroundings() {
            Ok(surroundings) => surroundings,
            Err(error) => return failed(error),
        };
        let mut child = match self.parent.spawn_in(&self.line(), &surroundings).await {
            Ok(child) => child,
            Err(error) => return failed(error),
        };
        let begun = Instant::now();
        let pid = child.id().unwrap_or_default();
        let group = Group(pid);
        let started_at = (self.options.wall_clock)();
        self.see(|report| {
            report.state = ProcessState::Running;
            report.pid = Some(pid);
            report.started_at = Some(started_at);
        });
        let mut heard = self.output.hear(&mut child);
        let mut stop = self.stop.clone();
        let (grace, status) = tokio::select! {
            biased;
            status = child.wait() => (None, Some(status)),
            grace = asked(&mut stop) => (Some(grace), None),
        };
        if let Some(grace) = grace {
            drain(&self.command.name, &mut child, Instant::now(), grace).await;
        }
        // Also what it started and left behind.
        drop(group);
        let status = match status {
            Some(status) => status,
            None => child.wait().await,
        };
        let rest = async { while heard.join_next().await.is_some() {} };
        let _ = timeout(LAST_OUTPUT, rest).await;
        self.see(|report| {
            report.pid = None;
            report.started_at = None;
        });
        if grace.is_some() {
            return End::Asked;
        }
        End::Alone {
            how: status.map_or_else(|error| error.to_string(), how_it_ended),
            after: begun.elapsed(),
        }
    }

    fn line(&self) -> Command {
        let child_exec = &self.options.child_exec;
        let mut args = child_exec.args.clone();
        args.push(OsString::from("--guard"));
        args.push(OsString::from(std::process::id().to_string()));
        args.push(self.command.command.program.clone().into_os_string());
        args.extend(self.command.command.args.iter().cloned());
        Command {
            program: child_exec.program.clone(),
            args,
        }
    }

    fn surroundings(&self) -> io::Result<Surroundings> {
        let livekit = &self.options.livekit;
        let url = ws_url(livekit)?;
        let given = [
            ("LIVEKIT_URL", url.as_str().trim_end_matches('/')),
            ("LIVEKIT_API_KEY", &livekit.keys.api_key),
            (
                "LIVEKIT_API_SECRET",
                livekit.keys.api_secret.expose_secret(),
            ),
        ];
        let given = given.map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let mut variables = Vec::from(given);
        if let Some(path) = &self.command.env_file {
            let own = env_file::read(path)?;
            self.output
                .hide(own.iter().map(|(_, value)| value.as_str()));
            variables.extend(
                own.into_iter()
                    .map(|(name, value)| (name.into(), value.into())),
            );
        }
        Ok(Surroundings {
            variables,
            working_dir: self.command.working_dir.clone(),
        })
    }
}

/// The guard ends with 128 and the signal's number where its program was killed by one.
fn how_it_ended(status: ExitStatus) -> String {
    match status.code() {
        Some(code @ 129..=192) => format!("was killed by signal {}", code - 128),
        Some(code) => format!("ended with code {code}"),
        None => format!("ended ({status})"),
    }
}
