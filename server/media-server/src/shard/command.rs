//! What a shard can be told from outside, each with the channel its answer takes.

use livekit_protocol as proto;
use livekit_wire::{ParticipantSid, RoomName};
use tokio::sync::{mpsc, oneshot};

use super::{Place, SignalPermit};
use crate::ground::{JoinRefused, JoinRequest, Joined, SessionId, SignalOut};
use crate::room::Room;

/// Something to do on a shard's thread with the room of a name, or without one.
pub type AtPlace = Box<dyn FnOnce(&mut Place<'_>) + Send>;
/// Something to do on a shard's thread with each of its open rooms.
pub type WithRooms = Box<dyn FnOnce(&mut dyn Iterator<Item = &Room>) + Send>;

/// One command for one shard.
pub enum Command {
    /// Open or resume a signal session.
    Join {
        /// What the client asks for.
        request: Box<JoinRequest>,
        /// Where its frames go.
        frames: mpsc::Sender<SignalOut>,
        /// The answer.
        reply: oneshot::Sender<Result<Joined, JoinRefused>>,
    },
    /// A frame from a client.
    Signal {
        /// The session's room.
        room: RoomName,
        /// The session's participant.
        participant: ParticipantSid,
        /// The very signal connection; one that was replaced is not heard any more.
        session: SessionId,
        /// The frame.
        message: Box<proto::SignalRequest>,
        /// Its place in the session's queue.
        permit: SignalPermit,
    },
    /// A client's signal connection is gone.
    SignalClosed {
        /// The session's room.
        room: RoomName,
        /// The session's participant.
        participant: ParticipantSid,
        /// The signal connection that is gone.
        session: SessionId,
    },
    /// Something of the API to do with one room; the work carries where its answer goes.
    OnRoom {
        /// The room it is for.
        room: RoomName,
        /// What to do.
        work: AtPlace,
    },
    /// Something of the API to learn from the shard's open rooms.
    OnRooms {
        /// What to do.
        work: WithRooms,
    },
    /// Close every room, the server is going down.
    ShutDown {
        /// Told when every `leave` is on its way.
        reply: oneshot::Sender<()>,
    },
}
