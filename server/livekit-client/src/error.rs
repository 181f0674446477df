//! Why a call failed, so that callers can tell a refusal from a server that is away.

use std::{collections::BTreeMap, error::Error, io};

use http::StatusCode;
use livekit_wire::{token::SignError, twirp::Code};
use serde::Deserialize;

use crate::resources::out_of_resources;

/// The closed list of ways in which a call fails.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No connection, or it broke before the end of the answer. The text leaves the address out.
    #[error("it cannot be reached: {0}")]
    Transport(String),
    /// No answer in the time that the HTTP client gives it.
    #[error("it did not answer in time")]
    Deadline,
    /// A Twirp error.
    #[error("it answers {0}")]
    Refused(Refusal),
    /// A status that is not 200, and no Twirp error: from something in front of the server, or before its services.
    #[error("{method}: status {status}")]
    Status {
        /// Which was called.
        method: &'static str,
        /// Of the answer.
        status: StatusCode,
    },
    /// 200, but not the method's message, or far too much of it.
    #[error("its answer makes no sense: {0}")]
    Nonsense(String),
    /// There is no token for the call.
    #[error(transparent)]
    Token(#[from] SignError),
}

/// A Twirp error as it came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status}: {word} {message}")]
pub struct Refusal {
    /// Of the answer.
    pub status: StatusCode,
    /// Twirp's code, also one that we do not know.
    pub word: String,
    /// For people.
    pub message: String,
    /// Further facts.
    pub meta: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Body {
    code: String,
    #[serde(default)]
    msg: String,
    #[serde(default)]
    meta: BTreeMap<String, String>,
}

impl Refusal {
    /// Twirp's code; `None` for one that Twirp does not have.
    pub fn code(&self) -> Option<Code> {
        Code::from_word(&self.word)
    }
}

impl CallError {
    /// What an answer means that is not 200.
    pub(crate) fn of_answer(method: &'static str, status: StatusCode, body: &[u8]) -> Self {
        match serde_json::from_slice::<Body>(body) {
            Ok(Body { code, msg, meta }) => Self::Refused(Refusal {
                status,
                word: code,
                message: msg,
                meta,
            }),
            Err(_) => Self::Status { method, status },
        }
    }

    /// Whether the server says that the thing is not there. A bare 404 comes from something in front of it and says
    /// nothing about rooms.
    pub fn is_not_found(&self) -> bool {
        self.code() == Some(Code::NotFound)
    }

    /// Twirp's code, where there is one.
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Transport(_)
            | Self::Deadline
            | Self::Status { .. }
            | Self::Nonsense(_)
            | Self::Token(_) => None,
        }
    }
}

impl From<reqwest::Error> for CallError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Deadline;
        }
        let error = error.without_url();
        let causes = causes(&error).map(ToString::to_string);
        Self::Transport(causes.collect::<Vec<_>>().join(": "))
    }
}

/// An error and what lies under it, outermost first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// The innermost cause, and whether this machine rather than the other side is to blame: hyper's own text is only
/// "client error (Connect)", and reqwest's names the address.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> (String, bool) {
    let ours = causes(error).any(|error| {
        error
            .downcast_ref::<io::Error>()
            .is_some_and(out_of_resources)
    });
    let text = causes(error).last().map(ToString::to_string);
    (text.unwrap_or_default(), ours)
}
