//! Jobs from their beginning to their end.

use std::time::Duration;

use livekit_wire::{
    Identity,
    proto::{JobRestartPolicy, JobStatus, JobTermination, UpdateJobStatus, server_message},
};

use super::{Board, Now, WorkerId, records::Leaving, unix_nanos};

/// How long an agent that is told to go may take before it is removed.
const GOODBYE: Duration = Duration::from_secs(3);
/// LiveKit's words.
const LEFT: &str = "agent worker left the room";
const LOST: &str = "the worker's connection was lost and its agent is gone";

impl Board {
    /// What a worker says of a job that it has.
    pub(super) fn update_job(&mut self, id: &WorkerId, update: UpdateJobStatus, now: Now) {
        let known = self.workers.get(id);
        if !known.is_some_and(|worker| worker.jobs.contains(&update.job_id)) {
            // Usual: the room was closed first, which ended the job.
            tracing::debug!(worker = %id, job = update.job_id, "a word on a job that has ended");
            return;
        }
        match update.status() {
            status @ (JobStatus::JsSuccess | JobStatus::JsFailed) => {
                self.end(&update.job_id, status, &update.error, now);
            }
            status @ (JobStatus::JsPending | JobStatus::JsRunning) => {
                let record = self.jobs.get_mut(&update.job_id);
                if let Some(state) = record.and_then(|record| record.job.state.as_mut()) {
                    state.status = status.into();
                    state.error = update.error;
                    state.updated_at = unix_nanos(now.system);
                }
            }
        }
    }

    /// A worker that was away has jobs from before: they are its own again.
    pub(super) fn take_back(&mut self, id: &WorkerId, jobs: &[String]) {
        let Some(worker) = self.workers.get_mut(id) else {
            return;
        };
        for job in jobs {
            let Some(record) = self.jobs.get_mut(job) else {
                continue;
            };
            let is_lost = record.worker.is_none() && record.is_running();
            if is_lost && record.job.agent_name == worker.registration.agent_name {
                record.worker = Some(id.clone());
                record.subject.clone_from(&worker.registration.subject);
                if let Some(state) = &mut record.job.state {
                    state.worker_id.clone_from(&id.0);
                }
                worker.jobs.insert(job.clone());
            }
        }
    }

    /// Tells the worker of a job to end it.
    pub(super) fn terminate(&mut self, job: &str) {
        let record = self.jobs.get(job);
        if let Some(worker) = record.and_then(|record| record.worker.clone()) {
            let termination = JobTermination {
                job_id: job.to_owned(),
            };
            // One that does not read is closed when it is asked next.
            self.send(&worker, server_message::Message::Termination(termination));
        }
    }

    /// Ends a job because somebody wants it; its agent is removed if it does not go.
    pub(super) fn stop(&mut self, job: &str, now: Now) {
        let Some(record) = self.jobs.get(job).filter(|record| record.is_running()) else {
            return;
        };
        let room = record.room.clone();
        let agent = Identity::parse(record.agent());
        self.terminate(job);
        self.end(job, JobStatus::JsSuccess, "", now);
        let Ok(identity) = agent else {
            return;
        };
        // It may be on its way: then it is removed as well.
        self.leaving.push(Leaving {
            room,
            identity,
            until: now.instant + GOODBYE,
        });
    }

    /// The agent of a job has left the room.
    pub(super) fn agent_left(&mut self, job: &str, now: Now) {
        if self.jobs.get(job).is_some_and(|job| job.worker.is_none()) {
            self.give_up(job, now);
        } else {
            self.terminate(job);
            self.end(job, JobStatus::JsFailed, LEFT, now);
        }
    }

    /// A job is lost with its worker. Somebody else is to do it, unless its dispatch says never.
    pub(super) fn give_up(&mut self, job: &str, now: Now) {
        let source = self.jobs.get(job).and_then(|record| record.source.clone());
        self.end(job, JobStatus::JsFailed, LOST, now);
        if let Some(source) = source {
            let room = self.rooms.get(&source.room);
            let mut dispatches = room.into_iter().flat_map(|room| &room.dispatches);
            let again = dispatches.any(|dispatch| {
                dispatch.about.id == source.dispatch
                    && dispatch.about.restart_policy() == JobRestartPolicy::JrpOnFailure
            });
            if again {
                self.reopen(&source, true);
            }
        }
    }

    /// A job has ended.
    pub(super) fn end(&mut self, job: &str, status: JobStatus, error: &str, now: Now) {
        let Some(record) = self.jobs.get_mut(job) else {
            return;
        };
        let at = unix_nanos(now.system);
        let state = record.job.state.get_or_insert_default();
        state.status = status.into();
        error.clone_into(&mut state.error);
        state.updated_at = at;
        state.ended_at = at;
        let (room, agent_name) = (record.room.clone(), record.job.agent_name.clone());
        let is_tried_out = record.source.is_none();
        tracing::info!(%room, job, ?status, error, "an agent's job ends");
        let worker = record.worker.take();
        if let Some(worker) = worker.and_then(|id| self.workers.get_mut(&id)) {
            worker.jobs.remove(job);
        }
        if let Some(room) = self.rooms.get_mut(&room) {
            room.running.remove(job);
        }
        if is_tried_out {
            self.jobs.remove(job);
        }
        if status == JobStatus::JsFailed {
            let text = if error.is_empty() {
                "the job failed; the worker's log says why"
            } else {
                error
            };
            self.trouble(&agent_name, room.as_str(), text, now);
        }
    }
}
