//! What a supervisor and a keeper say to each other: JSON, a line each, over a Unix socket.

use std::{io, path::PathBuf};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use url::Url;

/// A message that is longer comes from nobody we know.
const LONGEST: u64 = 1024 * 1024;

/// From the supervisor, or from a command of its owner.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// The first word of whoever starts a keeper.
    Start(Box<Order>),
    /// The first word of everybody else.
    Knock {
        /// What only the record says.
        secret: String,
        /// Whether the child's output comes here from now on, and this end of the connection means that nobody watches.
        adopts: bool,
    },
    /// How much work the child has.
    Busy,
    /// The child ends with this connection.
    Tie,
    /// The child ends now: SIGTERM, after this SIGKILL to its group.
    End {
        /// In milliseconds; 0 kills at once.
        grace: u64,
    },
}

/// From the keeper.
#[derive(Debug, Serialize, Deserialize)]
pub enum News {
    /// The child's process is there.
    Started {
        /// Its id, and its group's.
        pid: u32,
    },
    /// There is no child.
    Failed {
        /// Why.
        error: String,
    },
    /// The answer to a knock.
    Welcome {
        /// What only the keeper of this record knows.
        answer: String,
        /// The child's process.
        pid: u32,
    },
    /// A line of output.
    Line {
        /// Whether it came on standard error.
        is_error: bool,
        /// Without its end.
        text: String,
    },
    /// The answer to [`Request::Busy`].
    Busy {
        /// `None`: the child did not say.
        with: Option<u32>,
    },
    /// The child is gone, and so will be the keeper. Every line came before.
    Ended {
        /// As `waitpid` tells it.
        status: i32,
    },
}

/// What a keeper is told to keep.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// Names the record and the lock beside it.
    pub record: PathBuf,
    /// The program of the child and its arguments, from the last step before it on, without the keeper's process id.
    pub last_step: (PathBuf, Vec<String>),
    /// What follows the keeper's process id.
    pub line: (PathBuf, Vec<String>),
    /// Holds a secret, and goes when the child does.
    pub config_file: Option<PathBuf>,
    /// Whom to ask whether the child has work.
    pub question: Question,
    /// How long the child goes on without work and without a supervisor, in milliseconds.
    pub idle: u64,
    /// For the next supervisor: what this one told the child.
    pub told: serde_json::Value,
}

/// How to ask a child whether it has work.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Question {
    /// Who answers.
    pub url: Url,
    /// With these keys.
    pub api_key: String,
    /// Never leaves the two processes.
    pub api_secret: String,
    /// What counts.
    pub work: Work,
}

/// What it is that must not be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Work {
    /// People in rooms.
    People,
    /// Recordings and streams under way.
    Egresses,
}

/// The next message; `None` at the end.
pub async fn read<Message: DeserializeOwned>(
    from: &mut (impl AsyncBufRead + Unpin),
) -> io::Result<Option<Message>> {
    let mut line = Vec::new();
    if from.take(LONGEST).read_until(b'\n', &mut line).await? == 0 {
        return Ok(None);
    }
    Ok(Some(serde_json::from_slice(&line)?))
}

/// Says it.
pub async fn write(to: &mut (impl AsyncWrite + Unpin), message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    to.write_all(&line).await
}
