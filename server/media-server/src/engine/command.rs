//! What a shard can be told from outside, each with the channel its answer takes.

use livekit_protocol as proto;
use livekit_wire::{Identity, ParticipantSid, RoomName, TrackSid};
use tokio::sync::{mpsc, oneshot};

use super::join::{Joined, SignalPermit};
use super::{EngineError, JoinRefused, JoinRequest, SessionId, SignalOut};

type Reply<T> = oneshot::Sender<Result<T, EngineError>>;

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
    /// A command from the room's API.
    Room {
        /// The room it is for.
        room: RoomName,
        /// What to do.
        action: RoomAction,
    },
    /// The shard's open rooms, or those of them that are named.
    ListRooms {
        /// Empty for all.
        names: Vec<RoomName>,
        /// The answer.
        reply: oneshot::Sender<Vec<proto::Room>>,
    },
    /// Close every room, the server is going down.
    ShutDown {
        /// Told when every `leave` is on its way.
        reply: oneshot::Sender<()>,
    },
}

/// What LiveKit's RoomService can ask of one room.
#[expect(
    missing_docs,
    reason = "each variant and field is the RoomService method's own"
)]
pub enum RoomAction {
    Exists {
        reply: Reply<()>,
    },
    Create {
        request: Box<proto::CreateRoomRequest>,
        reply: Reply<proto::Room>,
    },
    Delete {
        reply: Reply<()>,
    },
    ListParticipants {
        reply: Reply<Vec<proto::ParticipantInfo>>,
    },
    GetParticipant {
        identity: Identity,
        reply: Reply<proto::ParticipantInfo>,
    },
    RemoveParticipant {
        identity: Identity,
        revoke_token_ts: i64,
        reply: Reply<()>,
    },
    MutePublishedTrack {
        identity: Identity,
        track_sid: TrackSid,
        muted: bool,
        reply: Reply<proto::TrackInfo>,
    },
    UpdateParticipant {
        identity: Identity,
        request: Box<proto::UpdateParticipantRequest>,
        reply: Reply<proto::ParticipantInfo>,
    },
    UpdateSubscriptions {
        identity: Identity,
        request: Box<proto::UpdateSubscriptionsRequest>,
        reply: Reply<()>,
    },
    SendData {
        request: Box<proto::SendDataRequest>,
        reply: Reply<()>,
    },
    UpdateMetadata {
        metadata: String,
        reply: Reply<proto::Room>,
    },
    PerformRpc {
        request: Box<proto::PerformRpcRequest>,
        reply: Reply<proto::PerformRpcResponse>,
    },
}
