//! Workers come, say how busy they are, and go.

use std::{collections::BTreeSet, time::SystemTime};

use livekit_wire::{
    ids::random_id,
    proto::{Job, JobType, ServerMessage, SimulateJobRequest, UpdateWorkerStatus, WorkerStatus},
};
use tokio::sync::mpsc;

use super::{
    Board, Now, WorkerId,
    records::{Offer, Purpose},
};
use crate::agents::{NoSuch, socket::Registration};

/// One connection of a worker.
pub(super) struct Worker {
    pub registration: Registration,
    pub frames: mpsc::Sender<ServerMessage>,
    pub since: SystemTime,
    /// By its own word.
    pub full: bool,
    /// By an administrator's word.
    pub draining: bool,
    /// 1 is all it can do.
    pub load: f32,
    /// What it does.
    pub jobs: BTreeSet<String>,
}

impl Worker {
    /// Whether it does jobs of this kind.
    pub fn fits(&self, agent_name: &str, deployment: &str, job_type: JobType) -> bool {
        let own = &self.registration;
        own.agent_name == agent_name && own.deployment == deployment && own.job_type == job_type
    }

    /// Whether it does one more.
    pub fn can_take(&self) -> bool {
        !self.full && !self.draining && self.load < 1.0
    }
}

impl Board {
    pub(super) fn register(
        &mut self,
        id: WorkerId,
        registration: Registration,
        frames: mpsc::Sender<ServerMessage>,
        now: Now,
    ) {
        tracing::info!(
            worker = %id, agent_name = registration.agent_name, version = registration.version,
            job_type = registration.job_type.as_str_name(), "a worker registers"
        );
        let worker = Worker {
            registration,
            frames,
            since: now.system,
            full: false,
            draining: false,
            load: 0.0,
            jobs: BTreeSet::new(),
        };
        self.workers.insert(id, worker);
        self.serve_all(now);
    }

    /// A worker's connection has ended. Its agents may still be in their rooms, and the worker may come back.
    pub(super) fn lose(&mut self, id: &WorkerId, now: Now) {
        let Some(worker) = self.workers.remove(id) else {
            return;
        };
        tracing::info!(worker = %id, agent_name = worker.registration.agent_name, "a worker is gone");
        for job in worker.jobs {
            let Some(record) = self.jobs.get_mut(&job) else {
                continue;
            };
            record.worker = None;
            let (room, agent) = (record.room.clone(), record.agent().to_owned());
            let is_there = self.rooms.get(&room).is_some_and(|room| {
                let mut present = room.present.keys();
                present.any(|identity| identity.as_str() == agent)
            });
            if !is_there {
                self.give_up(&job, now);
                self.serve(&room, now);
            }
        }
        let asked = self.offers.iter().filter(|(_, offer)| offer.worker == *id);
        let asked: Vec<_> = asked.map(|(job, _)| job.clone()).collect();
        for job in asked {
            if let Some(offer) = self.offers.remove(&job) {
                self.ask_next(offer, now);
            }
        }
    }

    pub(super) fn update_worker(&mut self, id: &WorkerId, update: &UpdateWorkerStatus, now: Now) {
        let Some(worker) = self.workers.get_mut(id) else {
            return;
        };
        let could = worker.can_take();
        if update.status.is_some() {
            worker.full = update.status() != WorkerStatus::WsAvailable;
        }
        worker.load = update.load;
        if worker.can_take() && !could {
            self.serve_all(now);
        }
    }

    pub(super) fn drain(&mut self, id: &WorkerId) -> Result<(), NoSuch> {
        let worker = self.workers.get_mut(id).ok_or(NoSuch::Worker)?;
        worker.draining = true;
        Ok(())
    }

    pub(super) fn close_workers(&mut self, subject: &str, now: Now) {
        let workers = self.workers.iter();
        let theirs = workers.filter(|(_, worker)| worker.registration.subject == subject);
        let theirs: Vec<_> = theirs.map(|(id, _)| id.clone()).collect();
        // Also those of a worker that is gone already: its agents may still be in their rooms.
        let jobs = self.jobs.iter();
        let jobs = jobs.filter(|(_, record)| record.subject == subject);
        let jobs: Vec<_> = jobs.map(|(id, _)| id.clone()).collect();
        for job in jobs {
            self.stop(&job, now);
        }
        for id in theirs {
            self.lose(&id, now);
        }
    }

    /// A worker tries itself out on a room of its choice.
    pub(super) fn simulate(&mut self, id: &WorkerId, wish: SimulateJobRequest, now: Now) {
        let Some(worker) = self.workers.get(id) else {
            return;
        };
        let (Some(room), own) = (wish.room, &worker.registration) else {
            tracing::debug!(worker = %id, "a job to try out without a room");
            return;
        };
        let job_type = if wish.participant.is_some() {
            JobType::JtPublisher
        } else {
            Purpose::Room.job_type()
        };
        let job = Job {
            id: random_id("AJ_", &mut self.random),
            r#type: job_type.into(),
            room: Some(room),
            participant: wish.participant,
            agent_name: own.agent_name.clone(),
            ..Job::default()
        };
        let offer = Box::new(Offer {
            job,
            source: None,
            worker: id.clone(),
            until: now.instant,
            asked: BTreeSet::new(),
            refused: false,
            resuming: false,
        });
        // A worker that cannot even be asked is gone.
        drop(self.ask(offer, now));
    }
}
