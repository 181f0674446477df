//! The last lines that a process said, and its predecessors; without our secret and without tokens.

use std::{collections::VecDeque, sync::Arc, time::SystemTime};

use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    io::{AsyncRead, BufReader},
    process::Child,
    task::JoinSet,
};

use crate::logs::{read_line, redact};

/// Lines of each process.
const KEPT: usize = 500;

/// One line.
#[derive(Debug, Clone)]
pub struct OutputLine {
    /// When it was heard.
    pub at: SystemTime,
    /// Which process of the command.
    pub process: u8,
    /// Whether it came by standard error.
    pub is_error: bool,
    /// What it said; the rest of a very long line is left out.
    pub text: String,
}

/// Keeps; clones share the lines.
#[derive(Clone)]
pub struct Output {
    command: String,
    process: u8,
    secret: SecretString,
    /// More that nobody is told: keys of the program's own.
    hidden: Arc<Mutex<Vec<SecretString>>>,
    wall_clock: fn() -> SystemTime,
    lines: Arc<Mutex<VecDeque<OutputLine>>>,
}

/// In bytes: what is shorter is no secret, and stands in many a harmless line.
const SHORTEST_SECRET: usize = 8;

impl Output {
    /// Whatever is said, `secret` is not repeated.
    pub fn new(
        command: String,
        process: u8,
        secret: SecretString,
        wall_clock: fn() -> SystemTime,
    ) -> Output {
        Output {
            command,
            process,
            secret,
            hidden: Arc::default(),
            wall_clock,
            lines: Arc::default(),
        }
    }

    /// From now on these are not repeated either, in place of those from before.
    pub fn hide<'a>(&self, secrets: impl Iterator<Item = &'a str>) {
        let long = secrets.filter(|secret| secret.len() >= SHORTEST_SECRET);
        *self.hidden.lock() = long.map(SecretString::from).collect();
    }

    /// Keeps what the process says from now on, until its ends close.
    pub fn hear(&self, child: &mut Child) -> JoinSet<()> {
        let mut heard = JoinSet::new();
        if let Some(stdout) = child.stdout.take() {
            heard.spawn(self.clone().keep(stdout, false));
        }
        if let Some(stderr) = child.stderr.take() {
            heard.spawn(self.clone().keep(stderr, true));
        }
        heard
    }

    async fn keep(self, said: impl AsyncRead + Unpin, is_error: bool) {
        let mut said = BufReader::new(said);
        let mut bytes = Vec::new();
        while read_line(&mut said, &mut bytes).await {
            let text = String::from_utf8_lossy(&bytes);
            self.note(text.trim_end(), is_error);
        }
    }

    /// One line more.
    pub fn note(&self, text: &str, is_error: bool) {
        let mut text = redact(text, self.secret.expose_secret());
        for hidden in self.hidden.lock().iter() {
            text = text.replace(hidden.expose_secret(), "[secret]");
        }
        tracing::info!(target: "agents", command = self.command, process = self.process, "{text}");
        let line = OutputLine {
            at: (self.wall_clock)(),
            process: self.process,
            is_error,
            text,
        };
        let mut lines = self.lines.lock();
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    /// The kept lines, the oldest first.
    pub fn lines(&self) -> Vec<OutputLine> {
        self.lines.lock().iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_lines_are_kept_without_secrets() {
        let mut said: Vec<String> = (0..600).map(|number| format!("line {number}")).collect();
        said.push("key hush-hush of sk-model-key, on".to_owned());
        let said = said.join("\n");
        let output = Output::new("w".into(), 2, "hush-hush".to_owned().into(), || {
            SystemTime::UNIX_EPOCH
        });
        output.hide(["sk-model-key", "on"].into_iter());
        output.clone().keep(said.as_bytes(), true).await;
        let lines = output.lines();
        assert_eq!((lines.len(), lines[0].text.as_str()), (500, "line 101"));
        assert_eq!(lines[499].text, "key [secret] of [secret], on");
        assert!(lines[499].is_error && lines[499].process == 2);
    }
}
