//! The way out to one client's WebSocket. It must not know what the frames mean.

use livekit_protocol::{SignalResponse, signal_response::Message};
use tokio::sync::mpsc::{Sender, error::TrySendError};

use crate::ground::{SessionId, SignalOut};

/// The signal connection of a participant: there is one, or it is being waited for.
#[derive(Debug, Default)]
pub struct SignalConnection {
    current: Option<(SessionId, Sender<SignalOut>)>,
    overflowed: bool,
}

impl SignalConnection {
    /// A connection whose frames go to `frames`.
    pub fn open(session: SessionId, frames: Sender<SignalOut>) -> Self {
        Self {
            current: Some((session, frames)),
            overflowed: false,
        }
    }

    /// Whether this is the connection that counts.
    pub fn is(&self, session: SessionId) -> bool {
        self.current
            .as_ref()
            .is_some_and(|(current, _)| *current == session)
    }

    /// The connection's number; the one of a closed connection is never asked for.
    pub fn session(&self) -> SessionId {
        self.current
            .as_ref()
            .map_or(SessionId(u64::MAX), |(session, _)| *session)
    }

    /// Whether a client is connected.
    pub fn is_open(&self) -> bool {
        self.current.is_some()
    }

    /// Whether frames were lost because the client does not read them.
    pub fn has_overflowed(&self) -> bool {
        self.overflowed
    }

    /// Queues a frame; without a connection it is lost, as LiveKit does (a resume brings the full state).
    pub fn send(&mut self, message: Message) {
        let Some((_, frames)) = &self.current else {
            return;
        };
        let frame = SignalResponse {
            message: Some(message),
        };
        if let Err(TrySendError::Full(_)) = frames.try_send(SignalOut::Message(Box::new(frame))) {
            self.overflowed = true;
        }
    }

    /// Closes the socket after what is queued.
    pub fn close(&mut self) {
        if let Some((_, frames)) = self.current.take() {
            // A full queue is closed by dropping its sender, which the socket notices as well.
            let _ = frames.try_send(SignalOut::Close);
        }
    }

    /// Forgets a connection that is gone.
    pub fn lost(&mut self) {
        self.current = None;
    }
}
