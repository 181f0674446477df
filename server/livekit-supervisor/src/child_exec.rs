//! The last step before the child's program: make the kernel kill it with its parent, then become it, or stand between the two.
//! Runs in the spawned process, before any runtime or thread exists there; must not print.

use std::{
    ffi::OsString,
    io,
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{self, ExitCode, ExitStatus},
};

use crate::keeper::keep;
use nix::{
    sys::signal::{Signal, killpg},
    unistd::{getpgrp, getppid},
};
use signal_hook::{
    consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

/// Why the child's program did not take over this process.
#[derive(Debug, thiserror::Error)]
pub enum ChildExecError {
    /// Called with other arguments than the supervisor's.
    #[error(
        "usage: child-exec [--guard] PARENT_PID PROGRAM [ARGUMENT]... | child-exec --keep RECORD"
    )]
    Usage,
    /// The kernel refused the death signal.
    #[error("cannot tie this process to its parent: {0}")]
    DeathSignal(#[source] std::io::Error),
    /// The parent ended before the death signal was set.
    #[error("the parent ended first")]
    ParentGone,
    /// A keeper cannot do its work.
    #[error("cannot keep a child: {0}")]
    Keeper(#[source] std::io::Error),
    /// The program cannot be run.
    #[error("cannot run {program}: {error}")]
    Exec {
        /// Its path.
        program: String,
        /// The system's words.
        #[source]
        error: std::io::Error,
    },
}

/// Ties this process to its parent and becomes `PROGRAM`: `args` are `PARENT_PID PROGRAM [ARGUMENT]...`. After `--guard` it
/// stays, and starts `PROGRAM` in its own process group: see [`guard`]. With `--keep` it is the keeper of a child that outlives its
/// supervisor, and takes its orders over standard input: see [`keep`].
///
/// Setting the death signal in the child needs no `unsafe` (`pre_exec` would); it survives `exec`, except into a
/// program with setuid or file capabilities, where the kernel clears it.
///
/// Without `--guard` it returns only to report an error, which the caller prints to stderr before it exits with a code other
/// than 0; else with the code to exit with.
pub fn child_exec(args: impl IntoIterator<Item = OsString>) -> Result<ExitCode, ChildExecError> {
    let mut args = args.into_iter().peekable();
    if args.next_if(|first| first == "--keep").is_some() {
        return keep();
    }
    let stays = args.next_if(|first| first == "--guard").is_some();
    let parent = args
        .next()
        .and_then(|text| text.to_str()?.parse::<i32>().ok());
    let (Some(parent), Some(program)) = (parent, args.next()) else {
        return Err(ChildExecError::Usage);
    };
    let exec = |error| ChildExecError::Exec {
        program: program.to_string_lossy().into_owned(),
        error,
    };
    let mut command = process::Command::new(&program);
    command.args(args);
    if stays {
        let guarded = guard(parent, &mut command);
        return guarded.map(code_of).map_err(|failed| match failed {
            Guarding::Tie(error) => error,
            Guarding::Program(error) => exec(error),
        });
    }
    tie(parent, Signal::SIGKILL)?;
    Err(exec(command.exec()))
}

/// Has the kernel send this process `signal` when its parent ends.
fn tie(parent: i32, signal: Signal) -> Result<(), ChildExecError> {
    die_with_parent(signal).map_err(ChildExecError::DeathSignal)?;
    // The parent may have ended between the fork and the line above: then no signal will ever come.
    if getppid().as_raw() == parent {
        Ok(())
    } else {
        Err(ChildExecError::ParentGone)
    }
}

enum Guarding {
    Tie(ChildExecError),
    Program(io::Error),
}

/// Waits for a program that may start others, which no death signal reaches: when the parent ends, the whole group is killed.
/// A signal to the group that asks it to end is the program's business. Must lead its group.
fn guard(parent: i32, command: &mut process::Command) -> Result<ExitStatus, Guarding> {
    // Before the program is there: whoever hears it may signal the group at once. It starts without these handlers.
    let signals = Signals::new([SIGTERM, SIGINT, SIGHUP, SIGCHLD]);
    let signals = signals.map_err(|error| Guarding::Tie(ChildExecError::DeathSignal(error)))?;
    let mut child = command.spawn().map_err(Guarding::Program)?;
    let guarded = wait_for(&mut child, parent, signals);
    if guarded.is_err() {
        kill_own_group();
    }
    guarded
}

fn wait_for(
    child: &mut process::Child,
    parent: i32,
    mut signals: Signals,
) -> Result<ExitStatus, Guarding> {
    tie(parent, Signal::SIGTERM).map_err(Guarding::Tie)?;
    loop {
        if let Some(status) = child.try_wait().map_err(Guarding::Program)? {
            return Ok(status);
        }
        // One that came since the look is not waited for.
        signals.wait();
        if getppid().as_raw() != parent {
            kill_own_group();
        }
    }
}

/// Nobody is left to be told: this process goes as well.
fn kill_own_group() {
    let _ = killpg(getpgrp(), Signal::SIGKILL);
}

/// As a shell tells it: 128 and the signal's number where there was one.
fn code_of(status: ExitStatus) -> ExitCode {
    let by_signal = status.signal().map(|signal| 128 + signal);
    let code = status.code().or(by_signal);
    let code = code.and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}

#[cfg(target_os = "linux")]
fn die_with_parent(signal: Signal) -> io::Result<()> {
    Ok(nix::sys::prctl::set_pdeathsig(signal)?)
}

/// Other systems have no death signal: there the child outlives a parent that is killed with -9.
#[cfg(not(target_os = "linux"))]
fn die_with_parent(_: Signal) -> io::Result<()> {
    Ok(())
}
