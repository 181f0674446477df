//! Agents: workers register over a WebSocket and take jobs in rooms, as in LiveKit (pkg/service/agentservice.go). Whoever
//! tells of rooms and whoever asks for agents does it here. It must not know HTTP.

mod board;
mod choose;
mod command;
mod desk;
mod overview;
mod socket;
mod token;

use livekit_wire::{RoomName, proto};
use tokio::sync::{mpsc, oneshot};

use crate::ground::AgentNews;

pub use command::{NoSuch, WorkerId};
pub use desk::Desk;
pub use overview::{JobOverview, Overview, Trouble, WorkerOverview};
pub use socket::{Credentials, is_deployment, run};

use command::Command;

/// Reaches the one desk where workers and rooms meet. Cheap to clone.
#[derive(Clone)]
pub struct Agents {
    desk: mpsc::UnboundedSender<Command>,
}

impl Agents {
    /// The way to a desk, and the desk, which works once it runs.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Command>) {
        let (desk, inbox) = mpsc::unbounded_channel();
        (Self { desk }, inbox)
    }

    /// Something happened in a room.
    pub fn tell(&self, news: AgentNews) {
        self.send(Command::News(news));
    }

    /// Asks for an agent in an open room.
    pub async fn dispatch(
        &self,
        dispatch: proto::AgentDispatch,
    ) -> Result<proto::AgentDispatch, NoSuch> {
        self.ask(|reply| Command::Dispatch { dispatch, reply })
            .await
    }

    /// Takes a dispatch back: its jobs end.
    pub async fn delete_dispatch(
        &self,
        room: RoomName,
        id: String,
    ) -> Result<proto::AgentDispatch, NoSuch> {
        self.ask(|reply| Command::DeleteDispatch { room, id, reply })
            .await
    }

    /// The dispatches of an open room with their jobs; an `id` picks one.
    pub async fn list_dispatches(
        &self,
        room: RoomName,
        id: String,
    ) -> Result<Vec<proto::AgentDispatch>, NoSuch> {
        self.ask(|reply| Command::ListDispatches { room, id, reply })
            .await
    }

    /// Every worker, the jobs that are under way, and what went wrong lately.
    pub async fn overview(&self) -> Result<Overview, NoSuch> {
        self.ask(|reply| Command::Overview { reply }).await
    }

    /// Gives a worker no more jobs.
    pub async fn drain(&self, worker: WorkerId) -> Result<(), NoSuch> {
        self.ask(|reply| Command::Drain { worker, reply }).await
    }

    /// Ends a job; its agent is sent out where it does not go by itself.
    pub async fn end_job(&self, job: String) -> Result<(), NoSuch> {
        self.ask(|reply| Command::EndJob { job, reply }).await
    }

    /// Ends the jobs of all workers that came with a token of this subject, and closes their connections.
    pub async fn close_workers(&self, subject: String) -> Result<(), NoSuch> {
        self.ask(|reply| Command::CloseWorkers { subject, reply })
            .await
    }

    /// Closes every worker's connection: the server goes down.
    pub fn shut_down(&self) {
        self.send(Command::ShutDown);
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, NoSuch>>) -> Command,
    ) -> Result<T, NoSuch> {
        let (reply, answer) = oneshot::channel();
        self.send(command(reply));
        answer.await.map_err(|_| NoSuch::Server)?
    }

    fn send(&self, command: Command) {
        // Without a desk the server is going down, and there are no rooms to send agents into.
        let _ = self.desk.send(command);
    }
}
