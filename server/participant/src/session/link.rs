//! The signal socket of a session, or the attempt to get another one.

use std::future::pending;

use livekit_protocol as proto;
use proto::signal_response::Message as Response;
use tokio::task::JoinHandle;

use crate::{
    join::{Entrance, JoinError, Return},
    signal::{Signal, SignalError},
};

/// What became of an attempt.
pub(super) enum Dialed {
    /// To come back to the stay.
    Back(Result<Return, JoinError>),
    /// To join anew.
    Anew(Result<Box<Entrance>, JoinError>),
}

pub(super) enum Link {
    Up(Signal),
    Dialing(Attempt),
    /// For a moment, while something is decided.
    Down,
}

/// A running attempt; it ends with this.
pub(super) struct Attempt(JoinHandle<Dialed>);

impl Attempt {
    pub fn start(dial: impl Future<Output = Dialed> + Send + 'static) -> Self {
        Self(tokio::spawn(dial))
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// News from the link.
pub(super) enum News {
    Message(Box<Response>),
    Lost(SignalError),
    Dialed(Box<Dialed>),
}

impl Link {
    /// Safe to drop between two calls.
    pub async fn next(&mut self) -> News {
        match self {
            Self::Up(signal) => match signal.receive().await {
                Ok(message) => News::Message(Box::new(message)),
                Err(error) => News::Lost(error),
            },
            Self::Dialing(attempt) => match (&mut attempt.0).await {
                Ok(dialed) => News::Dialed(Box::new(dialed)),
                Err(_) => News::Lost(SignalError::Closed),
            },
            Self::Down => pending().await,
        }
    }
}
