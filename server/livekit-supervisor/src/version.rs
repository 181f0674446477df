//! What the official server says its version is; for display only.

use std::{process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    time::timeout,
};

use crate::{choose::Chosen, processes::kill_group, state::RunningEngine};

/// For `livekit-server --version`.
const VERSION_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes.
const LONGEST_VERSION: u64 = 256;

/// As the server names it: `livekit-server version 1.13.5` → `1.13.5`.
pub async fn version_of(chosen: &Chosen, built_in_version: &str) -> Option<String> {
    if chosen.engine == RunningEngine::BuiltIn {
        return Some(built_in_version.to_owned());
    }
    let mut child = tokio::process::Command::new(&chosen.command.program)
        .arg("--version")
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .ok()?;
    let pid = child.id()?;
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take()?.take(LONGEST_VERSION));
    let answered = timeout(VERSION_TIMEOUT, output.read_line(&mut line)).await;
    // The first line says it all; a wrapper script may hold more than itself.
    kill_group(pid);
    let _ = child.wait().await;
    answered.ok()?.ok()?;
    line.split_whitespace().last().map(str::to_owned)
}
