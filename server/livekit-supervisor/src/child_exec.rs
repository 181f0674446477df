//! The last step before the child's program: make the kernel kill it with its parent, then become it.
//! Runs in the spawned process, before any runtime or thread exists there; must not print or allocate state of its own.

use std::{ffi::OsString, os::unix::process::CommandExt, process};

/// Why the child's program did not take over this process.
#[derive(Debug, thiserror::Error)]
pub enum ChildExecError {
    /// Called with other arguments than the supervisor's.
    #[error("usage: child-exec PARENT_PID PROGRAM [ARGUMENT]...")]
    Usage,
    /// The kernel refused the death signal.
    #[error("cannot tie this process to its parent: {0}")]
    DeathSignal(#[source] std::io::Error),
    /// The parent ended before the death signal was set.
    #[error("the parent ended first")]
    ParentGone,
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

/// Ties this process to its parent and becomes `PROGRAM`: `args` are `PARENT_PID PROGRAM [ARGUMENT]...`.
///
/// Setting the death signal in the child needs no `unsafe` (`pre_exec` would); it survives `exec`, except into a
/// program with setuid or file capabilities, where the kernel clears it.
///
/// Returns only to report an error; the caller prints it to stderr and exits with a code other than 0.
pub fn child_exec(args: impl IntoIterator<Item = OsString>) -> ChildExecError {
    let mut args = args.into_iter();
    let parent = args
        .next()
        .and_then(|text| text.to_str()?.parse::<i32>().ok());
    let (Some(parent), Some(program)) = (parent, args.next()) else {
        return ChildExecError::Usage;
    };
    if let Err(error) = die_with_parent() {
        return ChildExecError::DeathSignal(error);
    }
    // The parent may have ended between the fork and the line above: then no signal will ever come.
    if nix::unistd::getppid().as_raw() != parent {
        return ChildExecError::ParentGone;
    }
    let error = process::Command::new(&program).args(args).exec();
    ChildExecError::Exec {
        program: program.to_string_lossy().into_owned(),
        error,
    }
}

#[cfg(target_os = "linux")]
fn die_with_parent() -> std::io::Result<()> {
    Ok(nix::sys::prctl::set_pdeathsig(
        nix::sys::signal::Signal::SIGKILL,
    )?)
}

/// Other systems have no death signal: there the child outlives a parent that is killed with -9.
#[cfg(not(target_os = "linux"))]
fn die_with_parent() -> std::io::Result<()> {
    Ok(())
}
