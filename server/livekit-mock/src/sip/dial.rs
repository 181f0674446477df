//! The methods that place a call, and how long they block before they answer.

use std::time::Duration;

use prost_reflect::DynamicMessage;

/// How long it takes the mock's callees to answer: longer than a client's ordinary timeout.
const ANSWER_LATENCY: Duration = Duration::from_secs(11);

/// When a method that places a call answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dial {
    /// At once, unless the request says `wait_until_answered`.
    Answered,
    /// When the call has been transferred.
    Transferred,
}

impl Dial {
    /// The time before the answer, if any; a request that could not be read asks for no waiting.
    pub(crate) fn latency(self, request: Option<&DynamicMessage>) -> Option<Duration> {
        let waits = match self {
            Self::Transferred => true,
            Self::Answered => request
                .and_then(|request| request.get_field_by_name("wait_until_answered"))
                .and_then(|value| value.as_bool())
                .unwrap_or(false),
        };
        waits.then_some(ANSWER_LATENCY)
    }
}
