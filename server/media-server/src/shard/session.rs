//! The two ends of a signal session that its WebSocket holds. It must not know what the frames say.

use std::sync::Arc;

use livekit_protocol as proto;
use livekit_wire::{ParticipantSid, RoomName};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::{Command, Rooms};
use crate::ground::{SessionId, SignalOut};

/// Messages of one session that may wait for its shard; more of them wait in the WebSocket.
const INCOMING_QUEUE: usize = 64;

/// A running signal session.
pub struct Session {
    /// Who joined; for logs.
    pub participant_sid: ParticipantSid,
    /// Frames from the client go in here; dropping it says that the signal connection is lost.
    pub incoming: SignalSender,
    /// Frames for the client; its end also means: close the socket.
    pub outgoing: mpsc::Receiver<SignalOut>,
}

/// The session has ended; nothing more is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signal session has ended")]
pub struct SessionClosed;

/// A place in a session's queue; dropped when the message has been handled.
#[derive(Debug)]
pub struct SignalPermit(#[expect(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

/// The way in for one client's frames.
pub struct SignalSender {
    rooms: Rooms,
    room: RoomName,
    participant: ParticipantSid,
    session: SessionId,
    queue: Arc<Semaphore>,
}

impl SignalSender {
    pub(super) fn new(
        rooms: Rooms,
        room: RoomName,
        participant: ParticipantSid,
        session: SessionId,
    ) -> Self {
        let queue = Arc::new(Semaphore::new(INCOMING_QUEUE));
        Self {
            rooms,
            room,
            participant,
            session,
            queue,
        }
    }

    pub(super) fn participant(&self) -> &ParticipantSid {
        &self.participant
    }

    /// Hands one frame to the room; waits while the session's earlier frames pile up, so that a
    /// flooding client only slows its own socket.
    pub async fn send(&self, message: proto::SignalRequest) -> Result<(), SessionClosed> {
        let permit = Arc::clone(&self.queue)
            .acquire_owned()
            .await
            .map_err(|_| SessionClosed)?;
        let command = Command::Signal {
            room: self.room.clone(),
            participant: self.participant.clone(),
            session: self.session,
            message: Box::new(message),
            permit: SignalPermit(permit),
        };
        if self.rooms.shard(&self.room).send(command) {
            Ok(())
        } else {
            Err(SessionClosed)
        }
    }
}

impl Drop for SignalSender {
    fn drop(&mut self) {
        // A shard that has ended has no participant left to tell.
        let _ = self.rooms.shard(&self.room).send(Command::SignalClosed {
            room: self.room.clone(),
            participant: self.participant.clone(),
            session: self.session,
        });
    }
}
