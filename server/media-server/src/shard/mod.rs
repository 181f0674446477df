//! The driver of the rooms: every room lives on one shard, and what is to be done with it becomes a command for that shard.
//! It must not know HTTP, sockets or RTP.

mod command;
mod core;
mod peers;
mod place;
mod revocation;
mod routes;
mod session;

#[cfg(test)]
mod tests;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use livekit_wire::RoomName;
use tokio::sync::{mpsc, oneshot};

use crate::ground::{JoinRefused, JoinRequest, Now, RoomError};
use crate::room::Room;

pub use self::core::Core;
pub use command::{AtPlace, Command, WithRooms};
pub use peers::Peers;
pub use place::Place;
pub use session::{Session, SessionClosed, SignalPermit, SignalSender};

/// Frames a session may have waiting for its WebSocket before it is closed as too slow.
const OUTGOING_QUEUE: usize = 1024;

/// Where commands for one shard go. `net` fills it; sending never blocks.
pub trait ShardSender: Send + Sync {
    /// Hands over a command; false when the shard has ended.
    fn send(&self, command: Command) -> bool;

    /// How it keeps up.
    fn load(&self) -> ShardLoad {
        ShardLoad::default()
    }
}

/// How a shard keeps up with what arrives.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct ShardLoad {
    /// Datagrams that wait for it now.
    pub waiting: u64,
    /// Datagrams that were dropped because too many waited.
    pub dropped: u64,
}

/// Cheap handle to all rooms of this node.
#[derive(Clone)]
pub struct Rooms {
    shards: Arc<[Box<dyn ShardSender>]>,
}

impl Rooms {
    /// The rooms of running shards; their names are spread over them by hash.
    ///
    /// The list must not be empty.
    pub fn new(shards: Vec<Box<dyn ShardSender>>) -> Self {
        debug_assert!(!shards.is_empty(), "rooms need a shard");
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
        self.on_room(room, |_, _| Ok(())).await.is_ok()
    }

    /// Does something with an open room on its thread.
    pub async fn on_room<T: Send + 'static>(
        &self,
        name: &RoomName,
        work: impl FnOnce(&mut Room, Now) -> Result<T, RoomError> + Send + 'static,
    ) -> Result<T, RoomError> {
        self.at_place(name, |place| {
            let now = place.now();
            work(place.room().ok_or(RoomError::RoomNotFound)?, now)
        })
        .await
    }

    /// Does something on the thread of a room of this name, whether or not one is open.
    pub async fn at_place<T: Send + 'static>(
        &self,
        name: &RoomName,
        work: impl FnOnce(&mut Place<'_>) -> Result<T, RoomError> + Send + 'static,
    ) -> Result<T, RoomError> {
        let (reply, answer) = oneshot::channel();
        let command = Command::OnRoom {
            room: name.clone(),
            // A caller that has gone away needs no answer.
            work: Box::new(move |place| drop(reply.send(work(place)))),
        };
        if !self.shard(name).send(command) {
            return Err(RoomError::Unavailable);
        }
        answer.await.map_err(|_| RoomError::Unavailable)?
    }

    /// What there is to say about each open room that is wanted.
    pub async fn of_every_room<T: Send + 'static>(
        &self,
        read: impl Fn(&Room) -> Option<T> + Clone + Send + 'static,
    ) -> Result<Vec<T>, RoomError> {
        let mut answers = Vec::with_capacity(self.shards.len());
        for shard in self.shards.iter() {
            let (reply, answer) = oneshot::channel();
            let read = read.clone();
            let command = Command::OnRooms {
                work: Box::new(move |rooms| {
                    drop(reply.send(rooms.filter_map(read).collect::<Vec<_>>()));
                }),
            };
            if !shard.send(command) {
                return Err(RoomError::Unavailable);
            }
            answers.push(answer);
        }
        let mut all = Vec::new();
        for answer in answers {
            all.extend(answer.await.map_err(|_| RoomError::Unavailable)?);
        }
        Ok(all)
    }

    /// How each shard keeps up.
    pub fn loads(&self) -> Vec<ShardLoad> {
        self.shards.iter().map(|shard| shard.load()).collect()
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
}
