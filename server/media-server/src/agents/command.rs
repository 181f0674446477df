//! What the desk can be told.

use std::fmt;

use livekit_wire::{
    RoomName,
    proto::{self, ServerMessage},
};
use tokio::sync::{mpsc, oneshot};

use super::{Overview, socket::Registration};
use crate::ground::AgentNews;

/// `AW_…`: one connection of a worker.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkerId(pub String);

impl fmt::Display for WorkerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is asked about is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSuch {
    /// No open room has this name.
    #[error("requested room does not exist")]
    Room,
    /// LiveKit's own words.
    #[error("dispatch ID not found")]
    Dispatch,
    /// It has gone, or never was.
    #[error("no worker has this id")]
    Worker,
    /// It has ended, or never was.
    #[error("no running job has this id")]
    Job,
    /// It is going down.
    #[error("server is shutting down")]
    Server,
}

type Reply<T> = oneshot::Sender<Result<T, NoSuch>>;

/// One thing for the desk to do.
pub enum Command {
    /// Of a room.
    News(AgentNews),
    /// A worker has registered.
    Registered {
        /// Its name.
        id: WorkerId,
        /// What it said.
        registration: Box<Registration>,
        /// Where it is written to; dropped to close the connection.
        frames: mpsc::Sender<ServerMessage>,
    },
    /// A worker has said something.
    Said {
        /// Who.
        id: WorkerId,
        /// What.
        message: Box<proto::worker_message::Message>,
    },
    /// A worker's connection has ended.
    Gone {
        /// Whose.
        id: WorkerId,
    },
    /// See [`super::Agents::dispatch`].
    Dispatch {
        /// With its room and without its id.
        dispatch: proto::AgentDispatch,
        /// The answer.
        reply: Reply<proto::AgentDispatch>,
    },
    /// See [`super::Agents::delete_dispatch`].
    DeleteDispatch {
        /// Whose.
        room: RoomName,
        /// Which.
        id: String,
        /// The answer.
        reply: Reply<proto::AgentDispatch>,
    },
    /// See [`super::Agents::list_dispatches`].
    ListDispatches {
        /// Whose.
        room: RoomName,
        /// Which; empty for all.
        id: String,
        /// The answer.
        reply: Reply<Vec<proto::AgentDispatch>>,
    },
    /// See [`super::Agents::overview`].
    Overview {
        /// The answer.
        reply: Reply<Overview>,
    },
    /// See [`super::Agents::drain`].
    Drain {
        /// Which.
        worker: WorkerId,
        /// The answer.
        reply: Reply<()>,
    },
    /// See [`super::Agents::end_job`].
    EndJob {
        /// Which.
        job: String,
        /// The answer.
        reply: Reply<()>,
    },
    /// See [`super::Agents::close_workers`].
    CloseWorkers {
        /// Of their tokens.
        subject: String,
        /// The answer.
        reply: Reply<()>,
    },
    /// See [`super::Agents::shut_down`].
    ShutDown,
}
