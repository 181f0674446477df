//! Who works where: rooms and what they want of agents, workers and what they can do, jobs between the two. Commands and
//! time come in; frames to workers go out, and who is to be removed from rooms. It must not know sockets or tasks.

mod dispatches;
mod jobs;
mod offers;
mod records;
mod report;
mod rooms;
mod workers;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use livekit_wire::{
    ApiKeys, Identity, RoomName,
    proto::{ServerMessage, server_message, worker_message},
};
use rand::rngs::StdRng;

use super::{
    Trouble, WorkerId,
    command::{Command, NoSuch},
};
use crate::ground::Now;
use records::{JobRecord, Leaving, Offer, RoomRecord};
use workers::Worker;

/// Troubles that administrators may still want to read.
const TROUBLES: usize = 50;
/// Of what a worker says of its trouble.
const LONGEST_TROUBLE: usize = 500;

/// The state of all agents of this server.
pub struct Board {
    keys: ApiKeys,
    random: StdRng,
    workers: BTreeMap<WorkerId, Worker>,
    rooms: HashMap<RoomName, RoomRecord>,
    /// By the id of the job that is offered.
    offers: BTreeMap<String, Box<Offer>>,
    /// By id; ended ones as long as their dispatch is there.
    jobs: BTreeMap<String, JobRecord>,
    leaving: Vec<Leaving>,
    removals: Vec<(RoomName, Identity)>,
    troubles: VecDeque<Trouble>,
}

impl Board {
    /// Without rooms and workers. The keys sign for agents; `random` chooses workers and makes ids.
    pub fn new(keys: ApiKeys, random: StdRng) -> Self {
        Self {
            keys,
            random,
            workers: BTreeMap::new(),
            rooms: HashMap::new(),
            offers: BTreeMap::new(),
            jobs: BTreeMap::new(),
            leaving: Vec::new(),
            removals: Vec::new(),
            troubles: VecDeque::new(),
        }
    }

    /// Does what is asked. Whoever has gone away needs no answer.
    pub fn handle(&mut self, command: Command, now: Now) {
        match command {
            Command::News(news) => self.hear(news, now),
            Command::Registered {
                id,
                registration,
                frames,
            } => self.register(id, *registration, frames, now),
            Command::Said { id, message } => self.said(&id, *message, now),
            Command::Gone { id } => self.lose(&id, now),
            Command::Dispatch { dispatch, reply } => {
                drop(reply.send(self.dispatch(dispatch, now)));
            }
            Command::DeleteDispatch { room, id, reply } => {
                drop(reply.send(self.delete_dispatch(&room, &id, now)));
            }
            Command::ListDispatches { room, id, reply } => {
                drop(reply.send(self.list_dispatches(&room, &id)));
            }
            Command::Overview { reply } => drop(reply.send(Ok(self.overview()))),
            Command::Drain { worker, reply } => {
                let _ = reply.send(self.drain(&worker));
            }
            Command::EndJob { job, reply } => {
                let running = self.jobs.get(&job).is_some_and(JobRecord::is_running);
                if running {
                    self.stop(&job, now);
                }
                let _ = reply.send(if running { Ok(()) } else { Err(NoSuch::Job) });
            }
            Command::CloseWorkers { subject, reply } => {
                self.close_workers(&subject, now);
                let _ = reply.send(Ok(()));
            }
            Command::ShutDown => self.workers.clear(),
        }
    }

    fn said(&mut self, id: &WorkerId, message: worker_message::Message, now: Now) {
        match message {
            worker_message::Message::Availability(answer) => self.answer(id, &answer, now),
            worker_message::Message::UpdateWorker(update) => self.update_worker(id, &update, now),
            worker_message::Message::UpdateJob(update) => self.update_job(id, update, now),
            worker_message::Message::SimulateJob(wish) => self.simulate(id, wish, now),
            worker_message::Message::MigrateJob(jobs) => self.take_back(id, &jobs.job_ids),
            // Answered by the connection.
            worker_message::Message::Ping(_) | worker_message::Message::Register(_) => {}
        }
    }

    /// When something is due without anybody saying anything.
    pub fn deadline(&self) -> Option<Instant> {
        let offers = self.offers.values().map(|offer| offer.until);
        offers
            .chain(self.leaving.iter().map(|leaving| leaving.until))
            .min()
    }

    /// Does what is due.
    pub fn on_time(&mut self, now: Now) {
        self.give_up_offers(now);
        let due = |leaving: &mut Leaving| leaving.until <= now.instant;
        let removals = self.leaving.extract_if(.., due);
        self.removals
            .extend(removals.map(|leaving| (leaving.room, leaving.identity)));
    }

    /// Agents that did not go by themselves.
    pub fn take_removals(&mut self) -> Vec<(RoomName, Identity)> {
        std::mem::take(&mut self.removals)
    }

    fn trouble(&mut self, agent_name: &str, room: &str, text: &str, now: Now) {
        tracing::warn!(
            agent_name,
            room,
            trouble = text,
            "an agent's job went wrong"
        );
        self.troubles.push_front(Trouble {
            at: unix_millis(now.system),
            agent_name: agent_name.to_owned(),
            room: room.to_owned(),
            text: text.chars().take(LONGEST_TROUBLE).collect(),
        });
        self.troubles.truncate(TROUBLES);
    }
}

fn frame(message: server_message::Message) -> ServerMessage {
    ServerMessage {
        message: Some(message),
    }
}

fn unix_nanos(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

fn unix_millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
