//! The handle through which HTTP reaches the rooms: each call becomes a command for the one shard that owns the room.
//! It must not know HTTP, sockets or RTP.

mod command;
mod core;
mod error;
mod join;
mod peers;
mod settings;

#[cfg(test)]
mod tests;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use livekit_protocol as proto;
use livekit_wire::{Identity, RoomName, TrackSid};
use tokio::sync::{mpsc, oneshot};

pub use self::core::Core;
pub use command::{Command, RoomAction};
pub use error::{EngineError, JoinRefused};
pub use join::{
    JoinRequest, Joined, Resume, Session, SessionClosed, SessionId, SignalMode, SignalOut,
    SignalPermit, SignalSender,
};
pub use peers::Peers;
pub use settings::{IceServers, Limits, NodeInfo, RoomDefaults, Settings};

/// Frames a session may have waiting for its WebSocket before it is closed as too slow.
const OUTGOING_QUEUE: usize = 1024;

/// Where commands for one shard go. `net` fills it; sending never blocks.
pub trait ShardSender: Send + Sync {
    /// Hands over a command; false when the shard has ended.
    fn send(&self, command: Command) -> bool;
}

/// The moment an input arrived; the core never asks a clock itself.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// For timers.
    pub instant: Instant,
    /// For what is written down: join times, tokens, webhooks.
    pub system: SystemTime,
}

/// Cheap handle to all rooms of this node.
#[derive(Clone)]
pub struct Engine {
    shards: Arc<[Box<dyn ShardSender>]>,
}

impl Engine {
    /// An engine over running shards; room names are spread over them by hash.
    ///
    /// The list must not be empty.
    pub fn new(shards: Vec<Box<dyn ShardSender>>) -> Self {
        debug_assert!(!shards.is_empty(), "an engine needs a shard");
        Self {
            shards: shards.into(),
        }
    }

    /// Joins a room, or resumes a session in it. A refusal that LiveKit tells through the signal
    /// connection (full room, unknown session) is a session whose first frame is `leave`.
    pub async fn join(&self, request: JoinRequest) -> Result<Session, JoinRefused> {
        let (frames, outgoing) = mpsc::channel(OUTGOING_QUEUE);
        let (reply, answer) = oneshot::channel();
        let room = request.room.clone();
        let command = Command::Join {
            request: Box::new(request),
            frames,
            reply,
        };
        if !self.shard(&room).send(command) {
            return Err(JoinRefused::Unavailable);
        }
        let joined = answer.await.map_err(|_| JoinRefused::Unavailable)??;
        let incoming = SignalSender::new(self.clone(), room, joined.participant, joined.session);
        Ok(Session {
            participant_sid: incoming.participant().clone(),
            incoming,
            outgoing,
        })
    }

    /// Whether a room of this name is open now.
    pub async fn room_exists(&self, room: &RoomName) -> bool {
        self.ask(room, |reply| RoomAction::Exists { reply })
            .await
            .is_ok()
    }

    /// Opens a room; one that is open already is returned unchanged.
    pub async fn create_room(
        &self,
        room: &RoomName,
        request: proto::CreateRoomRequest,
    ) -> Result<proto::Room, EngineError> {
        self.ask(room, |reply| RoomAction::Create {
            request: Box::new(request),
            reply,
        })
        .await
    }

    /// The open rooms, or those of them that are named.
    pub async fn list_rooms(&self, names: &[RoomName]) -> Result<Vec<proto::Room>, EngineError> {
        let mut answers = Vec::with_capacity(self.shards.len());
        for shard in self.shards.iter() {
            let (reply, answer) = oneshot::channel();
            if !shard.send(Command::ListRooms {
                names: names.to_vec(),
                reply,
            }) {
                return Err(EngineError::Unavailable);
            }
            answers.push(answer);
        }
        let mut rooms = Vec::new();
        for answer in answers {
            rooms.extend(answer.await.map_err(|_| EngineError::Unavailable)?);
        }
        Ok(rooms)
    }

    /// Closes a room; everybody leaves with ROOM_DELETED.
    pub async fn delete_room(&self, room: &RoomName) -> Result<(), EngineError> {
        self.ask(room, |reply| RoomAction::Delete { reply }).await
    }

    /// The participants of a room; none for an unknown room.
    pub async fn list_participants(
        &self,
        room: &RoomName,
    ) -> Result<Vec<proto::ParticipantInfo>, EngineError> {
        self.ask(room, |reply| RoomAction::ListParticipants { reply })
            .await
    }

    /// One participant.
    pub async fn get_participant(
        &self,
        room: &RoomName,
        identity: Identity,
    ) -> Result<proto::ParticipantInfo, EngineError> {
        self.ask(room, |reply| RoomAction::GetParticipant { identity, reply })
            .await
    }

    /// Removes a participant and refuses its tokens whose `nbf` (or `iat`) is before `revoke_token_ts` (Unix seconds).
    /// 0 withdraws nothing: without being asked LiveKit lets a removed participant come back with any good token.
    pub async fn remove_participant(
        &self,
        room: &RoomName,
        identity: Identity,
        revoke_token_ts: i64,
    ) -> Result<(), EngineError> {
        self.ask(room, |reply| RoomAction::RemoveParticipant {
            identity,
            revoke_token_ts,
            reply,
        })
        .await
    }

    /// Mutes a track for everybody; unmuting needs `room.enable_remote_unmute`.
    pub async fn mute_published_track(
        &self,
        room: &RoomName,
        identity: Identity,
        track_sid: TrackSid,
        muted: bool,
    ) -> Result<proto::TrackInfo, EngineError> {
        self.ask(room, |reply| RoomAction::MutePublishedTrack {
            identity,
            track_sid,
            muted,
            reply,
        })
        .await
    }

    /// Changes name, metadata, attributes and permission of a participant.
    pub async fn update_participant(
        &self,
        room: &RoomName,
        identity: Identity,
        request: proto::UpdateParticipantRequest,
    ) -> Result<proto::ParticipantInfo, EngineError> {
        self.ask(room, |reply| RoomAction::UpdateParticipant {
            identity,
            request: Box::new(request),
            reply,
        })
        .await
    }

    /// Subscribes or unsubscribes a participant on its behalf.
    pub async fn update_subscriptions(
        &self,
        room: &RoomName,
        identity: Identity,
        request: proto::UpdateSubscriptionsRequest,
    ) -> Result<(), EngineError> {
        self.ask(room, |reply| RoomAction::UpdateSubscriptions {
            identity,
            request: Box::new(request),
            reply,
        })
        .await
    }

    /// Sends a user packet to some or all participants.
    pub async fn send_data(
        &self,
        room: &RoomName,
        request: proto::SendDataRequest,
    ) -> Result<(), EngineError> {
        self.ask(room, |reply| RoomAction::SendData {
            request: Box::new(request),
            reply,
        })
        .await
    }

    /// Replaces a room's metadata.
    pub async fn update_room_metadata(
        &self,
        room: &RoomName,
        metadata: String,
    ) -> Result<proto::Room, EngineError> {
        self.ask(room, |reply| RoomAction::UpdateMetadata { metadata, reply })
            .await
    }

    /// Calls a method of a participant and waits for its answer.
    pub async fn perform_rpc(
        &self,
        room: &RoomName,
        request: proto::PerformRpcRequest,
    ) -> Result<proto::PerformRpcResponse, EngineError> {
        self.ask(room, |reply| RoomAction::PerformRpc {
            request: Box::new(request),
            reply,
        })
        .await
    }

    /// Closes every room: all leave with SERVER_SHUTDOWN, told to reconnect. Returns when done.
    pub async fn shut_down(&self) {
        let mut answers = Vec::with_capacity(self.shards.len());
        for shard in self.shards.iter() {
            let (reply, answer) = oneshot::channel();
            if shard.send(Command::ShutDown { reply }) {
                answers.push(answer);
            }
        }
        for answer in answers {
            // A shard that has ended already has nothing left to close.
            let _ = answer.await;
        }
    }

    pub(crate) fn shard(&self, room: &RoomName) -> &dyn ShardSender {
        let mut hasher = DefaultHasher::new();
        room.as_str().hash(&mut hasher);
        let count = u64::try_from(self.shards.len()).unwrap_or(1).max(1);
        let index = usize::try_from(hasher.finish() % count).unwrap_or(0);
        self.shards[index].as_ref()
    }

    async fn ask<T>(
        &self,
        room: &RoomName,
        action: impl FnOnce(oneshot::Sender<Result<T, EngineError>>) -> RoomAction,
    ) -> Result<T, EngineError> {
        let (reply, answer) = oneshot::channel();
        if !self.shard(room).send(Command::Room {
            room: room.clone(),
            action: action(reply),
        }) {
            return Err(EngineError::Unavailable);
        }
        answer.await.map_err(|_| EngineError::Unavailable)?
    }
}
