//! One address: an ffmpeg sends the stream there as it is, and is started again for a while when that breaks off. What of the
//! address is secret goes to ffmpeg in a file that only this user reads, never in its arguments.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, Command},
    sync::mpsc::Receiver,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    fan_out::FanOut,
    flv::{HEAD, Tag},
};
use crate::{
    compose::ffmpeg,
    journal::write_whole,
    order::{StreamOrder, StreamProtocol},
};

/// An address that took the stream once is tried again for so long (the original's).
const PATIENCE: Duration = Duration::from_secs(30);
/// One that never did is likely wrong.
const FIRST_PATIENCE: Duration = Duration::from_secs(8);
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// An ffmpeg that takes nothing for so long has a receiver that is too slow.
const STUCK_AFTER: Duration = Duration::from_secs(10);
/// It may take so long to say goodbye.
const ENDS_WITHIN: Duration = Duration::from_secs(5);
/// Sockets give up after so long, in microseconds: an ffmpeg whose parent was killed is gone then.
const SOCKET_MICROSECONDS: &str = "10000000";
const LONGEST_ERROR: usize = 300;

/// One address that is sent to.
pub struct Sender {
    /// Where.
    pub order: StreamOrder,
    /// What.
    pub fan_out: Arc<FanOut>,
    /// The program.
    pub ffmpeg: PathBuf,
    /// Where the file with the secrets may be.
    pub options: PathBuf,
    /// Whether it took the stream before, in another process.
    pub known: bool,
    /// It is to end.
    pub stop: CancellationToken,
}

/// Why it is not sent to any more, for callers: without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Failed(pub String);

/// How one connection ended.
enum Ended {
    /// As it should.
    Stopped,
    Broken {
        error: String,
        /// The address took something.
        taken: bool,
    },
}

impl Sender {
    /// Sends until the stream ends or it is told to stop. `again` is called before each further try, with whether it is the first
    /// since the address took something.
    pub async fn run(&self, mut again: impl FnMut(bool)) -> Result<(), Failed> {
        let (mut known, mut wait) = (self.known, FIRST_WAIT);
        let mut broken_since: Option<Instant> = None;
        loop {
            let begun = Instant::now();
            let connection = self.connection().await;
            remove(&self.options);
            let (error, taken) = match connection {
                Ok(Ended::Stopped) => return Ok(()),
                Ok(Ended::Broken { error, taken }) => (error, taken),
                Err(error) => (error.to_string(), false),
            };
            tracing::warn!(url = self.order.redacted, error, "a stream broke off");
            known |= taken;
            if taken {
                (broken_since, wait) = (None, FIRST_WAIT);
            }
            let first = known && broken_since.is_none();
            // It breaks off as one is told, not when one asks.
            let since = *broken_since.get_or_insert(if taken { Instant::now() } else { begun });
            let patience = if known { PATIENCE } else { FIRST_PATIENCE };
            if since.elapsed() + wait > patience {
                return Err(Failed(error));
            }
            if self.stop.run_until_cancelled(sleep(wait)).await.is_none() {
                return Ok(());
            }
            wait = (wait * 2).min(LONGEST_WAIT);
            again(first);
        }
    }

    async fn connection(&self) -> io::Result<Ended> {
        write_whole(&self.options, self.order.options().as_bytes())?;
        let mut child = command(&self.ffmpeg, &self.order, &self.options).spawn()?;
        let input = child.stdin.take();
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let words = tokio::spawn(async move {
            let mut words = Vec::new();
            if let Some(mut err) = err {
                // What it said until it broke off is better than nothing.
                let _ = err.read_to_end(&mut words).await;
            }
            words
        });
        let options = self.options.clone();
        // It reads its options before it connects, and tells of its progress afterwards.
        let taken = tokio::spawn(async move {
            let mut taken = false;
            let mut lines = out.map(|out| BufReader::new(out).lines());
            while let Some(lines) = &mut lines
                && let Ok(Some(line)) = lines.next_line().await
            {
                if !taken && line == "progress=continue" {
                    taken = true;
                    remove(&options);
                }
            }
            taken
        });
        let mut tags = self.fan_out.receive();
        let fed = match input {
            Some(input) => self.feed(input, &mut tags, &mut child).await,
            None => Fed::Gone,
        };
        if fed == Fed::Slow {
            child.start_kill()?;
        }
        if let Ok(exited) = timeout(ENDS_WITHIN, child.wait()).await {
            exited?;
        } else {
            child.kill().await?;
        }
        let (words, taken) = (words.await.unwrap_or_default(), taken.await);
        let taken = taken.unwrap_or_default();
        Ok(match fed {
            Fed::All => Ended::Stopped,
            Fed::Slow => Ended::Broken {
                error: "the receiver is too slow".to_owned(),
                taken,
            },
            Fed::Gone => Ended::Broken {
                error: self.told(&words),
                taken,
            },
        })
    }

    async fn feed(
        &self,
        mut input: ChildStdin,
        tags: &mut Receiver<Tag>,
        child: &mut Child,
    ) -> Fed {
        if input.write_all(HEAD).await.is_err() {
            return Fed::Gone;
        }
        loop {
            let tag = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Fed::All,
                _ = child.wait() => return Fed::Gone,
                tag = tags.recv() => tag,
            };
            let Some(tag) = tag else {
                return if self.fan_out.has_ended() {
                    Fed::All
                } else {
                    Fed::Slow
                };
            };
            let written = tokio::select! {
                () = self.stop.cancelled() => return Fed::All,
                written = timeout(STUCK_AFTER, input.write_all(&tag.bytes)) => written,
            };
            match written {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Fed::Gone,
                Err(_) => return Fed::Slow,
            }
        }
    }

    /// ffmpeg's last words, without what is secret.
    fn told(&self, words: &[u8]) -> String {
        let words = String::from_utf8_lossy(words);
        let line = words
            .lines()
            .rev()
            .find(|line| !line.trim().is_empty() && !line.starts_with("Error closing progress"));
        let line = self
            .order
            .without_secrets(line.unwrap_or("the connection ended"));
        line.chars().take(LONGEST_ERROR).collect()
    }
}

/// How feeding an ffmpeg ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fed {
    /// There is no more.
    All,
    /// It takes too little.
    Slow,
    /// It is gone.
    Gone,
}

fn command(program: &Path, order: &StreamOrder, options: &Path) -> Command {
    let mut command = Command::from(ffmpeg::live(program));
    command
        .args(["-progress", "pipe:1"])
        .args(["-probesize", "100000", "-analyzeduration", "1000000"])
        .args(["-f", "flv", "-i", "pipe:0", "-c", "copy"]);
    match order.protocol() {
        StreamProtocol::Rtmp => {
            command.args(["-flvflags", "no_duration_filesize"]);
            command.args(["-rw_timeout", SOCKET_MICROSECONDS, "-f", "flv"]);
        }
        StreamProtocol::Srt => {
            command.args(["-flush_packets", "1", "-f", "mpegts"]);
        }
    }
    command
        .arg("-fpre")
        .arg(options)
        .arg(order.address())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

fn remove(options: &Path) {
    match fs::remove_file(options) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "a file with a stream's key cannot be removed");
        }
        _ => {}
    }
}
