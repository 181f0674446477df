//! Runs the board: commands and time in, agents that do not go removed from their rooms. It must not decide anything.

use std::time::SystemTime;

use livekit_wire::{ApiKeys, Identity, RoomName};
use rand::rngs::StdRng;
use tokio::{sync::mpsc, time::Instant};

use super::{board::Board, command::Command};
use crate::{ground::Now, participant::CloseReason, shard::Rooms};

/// Where workers and rooms meet.
pub struct Desk {
    board: Board,
    rooms: Rooms,
    wall_clock: fn() -> SystemTime,
}

impl Desk {
    /// A desk over running rooms; the keys sign for agents.
    pub fn new(rooms: Rooms, keys: ApiKeys, wall_clock: fn() -> SystemTime) -> Self {
        Self {
            board: Board::new(keys, rand::make_rng::<StdRng>()),
            rooms,
            wall_clock,
        }
    }

    /// Works until the server shuts down.
    pub async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Command>) {
        loop {
            let deadline = self.board.deadline().map(Instant::from_std);
            let due = async {
                match deadline {
                    Some(deadline) => tokio::time::sleep_until(deadline).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                command = inbox.recv() => match command {
                    // It ends then, and lets go of the rooms: their threads end once nobody can reach them.
                    Some(Command::ShutDown) => {
                        self.board.handle(Command::ShutDown, self.now());
                        return;
                    }
                    Some(command) => self.board.handle(command, self.now()),
                    None => return,
                },
                () = due => self.board.on_time(self.now()),
            }
            for (room, identity) in self.board.take_removals() {
                tokio::spawn(remove(self.rooms.clone(), room, identity));
            }
        }
    }

    fn now(&self) -> Now {
        Now {
            instant: Instant::now().into_std(),
            system: (self.wall_clock)(),
        }
    }
}

async fn remove(rooms: Rooms, room: RoomName, identity: Identity) {
    let removed = rooms.on_room(&room, move |room, now| {
        let key = room.key_of(identity.as_str())?;
        room.remove(key, CloseReason::Removed, now);
        Ok(())
    });
    // Whoever is not there has gone by itself.
    drop(removed.await);
}
