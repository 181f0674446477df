//! Programs of others: as many as are wanted, again when they end, and nothing of them left.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
    time::{Duration, SystemTime},
};

use livekit_supervisor::{
    AgentCommand, ApiKeys, Command, CommandError, CommandReport, Commands, CommandsOptions,
    Endpoint, ProcessState, Timings,
};
use nix::sys::signal::Signal;
use tokio::time::timeout;

use crate::house::{command_line, fixture, gone, is_running, mode, signal};

const PATIENCE: Duration = Duration::from_mins(1);
const SECRET: &str = "a-secret-of-at-least-thirty-two-bytes";

fn shell(name: &str, script: &str, count: u8) -> AgentCommand {
    AgentCommand {
        name: name.to_owned(),
        command: Command {
            program: "sh".into(),
            args: vec!["-c".into(), script.into()],
        },
        env_file: None,
        working_dir: None,
        count,
    }
}

fn options(folder: &Path, commands: Vec<AgentCommand>) -> CommandsOptions {
    CommandsOptions {
        commands,
        child_exec: fixture("child-exec", &[]),
        data_dir: folder.to_owned(),
        livekit: Endpoint {
            internal_url: "http://127.0.0.1:7880".parse().unwrap(),
            keys: ApiKeys {
                api_key: "APIkey".to_owned(),
                api_secret: SECRET.into(),
            },
        },
        drain: Duration::from_secs(20),
        timings: Timings {
            backoff_first: Duration::from_millis(20),
            backoff_max: Duration::from_millis(80),
            ..Timings::default()
        },
        wall_clock: SystemTime::now,
    }
}

/// The one command, once it is so.
async fn until(
    commands: &Commands,
    what: &str,
    is_so: impl Fn(&CommandReport) -> bool,
) -> CommandReport {
    let look = async {
        loop {
            let report = commands.overview().remove(0);
            if is_so(&report) {
                return report;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let seen = timeout(PATIENCE, look).await;
    seen.unwrap_or_else(|_| {
        let (overview, said) = (commands.overview(), texts(commands));
        panic!("not {what}: {overview:?}, which said {said:?}")
    })
}

fn running(report: &CommandReport) -> usize {
    let is_running = |state| state == ProcessState::Running;
    let states = report.processes.iter().map(|process| process.state);
    states.filter(|state| is_running(*state)).count()
}

fn texts(commands: &Commands) -> Vec<String> {
    let lines = commands.log("worker").unwrap();
    lines.into_iter().map(|line| line.text).collect()
}

/// Until one of the command's lines is this.
async fn said(commands: &Commands, text: &str) {
    let saying = |_: &CommandReport| texts(commands).iter().any(|line| line == text);
    until(commands, text, saying).await;
}

#[tokio::test]
async fn as_many_run_as_are_wanted_and_that_holds_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let sleeps = || vec![shell("worker", "exec sleep 3600", 2)];
    let commands = Commands::start(options(folder.path(), sleeps())).unwrap();
    let two = until(&commands, "two", |report| running(report) == 2).await;
    let pids: Vec<u32> = two.processes.iter().filter_map(|it| it.pid).collect();
    commands.scale("worker", 3).unwrap();
    until(&commands, "three", |report| running(report) == 3).await;
    commands.scale("worker", 1).unwrap();
    let one = |report: &CommandReport| report.processes.len() == 1;
    let one = until(&commands, "one", one).await;
    assert_eq!(
        one.processes[0].pid,
        Some(pids[0]),
        "the last ones go first"
    );
    gone(pids[1]).await;
    assert!(matches!(
        commands.scale("another", 1),
        Err(CommandError::NoSuch)
    ));
    commands.shutdown().await;
    assert!(!is_running(pids[0]));
    assert_eq!(mode(&folder.path().join("agent-commands.json")), 0o600);

    let commands = Commands::start(options(folder.path(), sleeps())).unwrap();
    assert_eq!(commands.overview()[0].count, 1);
    let stopped = commands.stop_command("worker").unwrap();
    assert!(stopped.stopped);
    until(&commands, "stopped", |report| report.processes.is_empty()).await;
    commands.shutdown().await;

    let commands = Commands::start(options(folder.path(), sleeps())).unwrap();
    assert!(commands.overview()[0].processes.is_empty());
    let started = commands.start_command("worker").unwrap();
    assert_eq!((started.stopped, started.processes.len()), (false, 1));
    commands.shutdown().await;

    // Whoever says another count in the configuration means it.
    let five = vec![shell("worker", "exec sleep 3600", 5)];
    let commands = Commands::start(options(folder.path(), five)).unwrap();
    assert_eq!(commands.overview()[0].count, 5);
    commands.shutdown().await;
}

#[tokio::test]
async fn one_that_ends_is_started_again_and_says_why_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let script = "echo begun; exit 7";
    let commands = vec![shell("worker", script, 1)];
    let commands = Commands::start(options(folder.path(), commands)).unwrap();
    let again = |report: &CommandReport| report.processes[0].restarts >= 3;
    let report = until(&commands, "started again", again).await;
    let why = report.processes[0].last_exit.clone();
    assert_eq!(why.as_deref(), Some("ended with code 7"));
    assert!(texts(&commands).len() >= 6, "{:?}", texts(&commands));
    commands.shutdown().await;

    let commands = vec![shell("worker", "kill -9 $$", 1)];
    let commands = Commands::start(options(folder.path(), commands)).unwrap();
    let why = |report: &CommandReport| report.processes[0].last_exit.clone();
    let report = until(&commands, "killed", |report| why(report).is_some()).await;
    assert_eq!(why(&report).as_deref(), Some("was killed by signal 9"));
    commands.shutdown().await;

    let mut missing = shell("worker", "", 1);
    missing.env_file = Some(folder.path().join("nowhere"));
    let commands = Commands::start(options(folder.path(), vec![missing])).unwrap();
    let report = until(&commands, "refused", |report| why(report).is_some()).await;
    assert!(why(&report).unwrap().contains("nowhere"), "{report:?}");
    commands.shutdown().await;
}

#[tokio::test]
async fn its_keys_are_in_its_environment_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let env_file = folder.path().join("env");
    fs::write(&env_file, "MODEL='big one'\nLIVEKIT_API_KEY=APIother\n").unwrap();
    let script = "echo \"$LIVEKIT_URL $LIVEKIT_API_KEY ${#LIVEKIT_API_SECRET} $MODEL\"; \
                  echo \"secret $LIVEKIT_API_SECRET\"; pwd >&2; exec sleep 3600";
    let mut command = shell("worker", script, 1);
    command.env_file = Some(env_file);
    command.working_dir = Some("/".into());
    let commands = Commands::start(options(folder.path(), vec![command])).unwrap();
    // What its own file sets is hidden, too: it may be a key.
    let told = format!("ws://127.0.0.1:7880 [secret] {} big one", SECRET.len());
    said(&commands, &told).await;
    said(&commands, "secret [secret]").await;
    said(&commands, "/").await;
    let lines = commands.log("worker").unwrap();
    assert!(lines.iter().any(|line| line.text == "/" && line.is_error));
    let pid = commands.overview()[0].processes[0].pid.unwrap();
    assert!(!command_line(pid).contains(SECRET));
    commands.shutdown().await;
}

#[tokio::test]
async fn it_is_asked_to_end_before_it_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let script = "trap 'echo drained; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
    let commands = vec![shell("worker", script, 1)];
    let commands = Commands::start(options(folder.path(), commands)).unwrap();
    said(&commands, "ready").await;
    commands.stop_command("worker").unwrap();
    said(&commands, "drained").await;
    until(&commands, "stopped", |report| report.processes.is_empty()).await;
    commands.start_command("worker").unwrap();
    assert!(texts(&commands).contains(&"drained".to_owned()));
    commands.shutdown().await;

    let stubborn = vec![shell(
        "worker",
        "trap '' TERM; echo ready; while :; do sleep 0.05; done",
        1,
    )];
    let mut options = options(folder.path(), stubborn);
    options.drain = Duration::from_millis(100);
    let commands = Commands::start(options).unwrap();
    commands.start_command("worker").unwrap();
    said(&commands, "ready").await;
    let pid = commands.overview()[0].processes[0].pid.unwrap();
    commands.shutdown().await;
    assert!(!is_running(pid));
}

#[tokio::test]
async fn whoever_is_killed_leaves_nothing_of_its_commands() {
    for killed in ["parent", "guard"] {
        let folder = tempfile::tempdir().unwrap();
        let line = fixture("commands-parent", &[]);
        let mut parent = std::process::Command::new(line.program)
            .args(line.args)
            .arg(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(parent.stdout.take().unwrap());
        let mut pids = stdout.lines().map(|pid| pid.unwrap().parse().unwrap());
        let mut next = || -> u32 { pids.next().unwrap() };
        let (guard, program, left) = (next(), next(), next());
        assert!(is_running(guard) && is_running(program) && is_running(left));
        if killed == "guard" {
            signal(guard, Signal::SIGKILL);
            gone(left).await;
        }
        parent.kill().unwrap();
        parent.wait().unwrap();
        for pid in [guard, program, left] {
            gone(pid).await;
        }
    }
}
