//! Jobs are offered to workers, one after the other, until one takes it.

use std::{collections::BTreeSet, time::Duration};

use livekit_wire::{
    RoomName,
    ids::random_id,
    proto::{
        AvailabilityRequest, AvailabilityResponse, Job, JobAssignment, JobState, JobStatus,
        server_message,
    },
};
use rand::RngExt as _;

use super::{
    Board, Now, WorkerId, frame,
    records::{Dispatch, JobRecord, Need, Offer, Purpose, RoomRecord, Source},
    unix_nanos,
};
use crate::agents::{
    choose::choose,
    token::{Sender, of_agent},
};

/// How long a worker may think about a job.
const THINKING: Duration = Duration::from_secs(10);

impl Board {
    /// Offers everything in a room that nobody does and somebody could do now.
    pub(super) fn serve(&mut self, name: &RoomName, now: Now) {
        let Some(room) = self.rooms.get_mut(name) else {
            return;
        };
        let jobs = &self.jobs;
        let strays: BTreeSet<String> = strays(room, jobs).collect();
        let mut wanted = Vec::new();
        for dispatch in &mut room.dispatches {
            for need in &mut dispatch.needs {
                let job_type = need.purpose.job_type();
                let mut workers = self.workers.values();
                let about = &dispatch.about;
                let somebody = workers.any(|worker| {
                    worker.fits(&about.agent_name, &about.deployment, job_type) && worker.can_take()
                });
                let is_done = need.purpose == Purpose::Room && strays.contains(&about.agent_name);
                if need.open && somebody && !is_done {
                    need.open = false;
                    wanted.push((about.id.clone(), need.purpose.clone(), need.lost));
                }
            }
        }
        for (dispatch, purpose, resuming) in wanted {
            let source = Source {
                room: name.clone(),
                dispatch,
                purpose,
            };
            if let Some(job) = self.job_for(&source) {
                self.offer(job, Some(source), resuming, now);
            }
        }
    }

    /// The same in every room: somebody can take jobs who could not before.
    pub(super) fn serve_all(&mut self, now: Now) {
        let rooms: Vec<_> = self.rooms.keys().cloned().collect();
        for room in rooms {
            self.serve(&room, now);
        }
    }

    fn job_for(&mut self, source: &Source) -> Option<Job> {
        let id = random_id("AJ_", &mut self.random);
        let room = self.rooms.get(&source.room)?;
        let mut dispatches = room.dispatches.iter();
        let dispatch = dispatches.find(|known| known.about.id == source.dispatch)?;
        let participant = match source.purpose.participant() {
            Some(identity) => Some(room.present.get(identity)?.info.clone()),
            None => None,
        };
        let about = &dispatch.about;
        Some(Job {
            id,
            dispatch_id: about.id.clone(),
            r#type: source.purpose.job_type().into(),
            room: Some(room.info.clone()),
            participant,
            metadata: about.metadata.clone(),
            agent_name: about.agent_name.clone(),
            deployment: about.deployment.clone(),
            attributes: about.attributes.clone(),
            ..Job::default()
        })
    }

    fn offer(&mut self, job: Job, source: Option<Source>, resuming: bool, now: Now) {
        let offer = Box::new(Offer {
            job,
            source,
            worker: WorkerId(String::new()),
            until: now.instant,
            asked: BTreeSet::new(),
            refused: false,
            resuming,
        });
        self.ask_next(offer, now);
    }

    /// Asks the next worker; when none is left, the need is open again unless somebody refused.
    pub(super) fn ask_next(&mut self, mut offer: Box<Offer>, now: Now) {
        loop {
            let job = &offer.job;
            let fitting = self.workers.iter().filter(|(id, worker)| {
                worker.fits(&job.agent_name, &job.deployment, job.r#type())
                    && worker.can_take()
                    && !offer.asked.contains(*id)
            });
            let fitting = fitting.map(|(id, worker)| (id.clone(), worker.load));
            let chance = self.random.random::<f32>();
            // A job that a worker tries out is for this worker.
            let next = match &offer.source {
                Some(_) => choose(fitting, chance),
                None => None,
            };
            let Some(next) = next else {
                self.nobody_takes(&offer, now);
                return;
            };
            offer.worker = next;
            match self.ask(offer, now) {
                Ok(()) => return,
                Err(back) => offer = back,
            }
        }
    }

    /// Asks one worker; gives the offer back where it cannot be asked.
    pub(super) fn ask(&mut self, mut offer: Box<Offer>, now: Now) -> Result<(), Box<Offer>> {
        let id = offer.worker.clone();
        offer.asked.insert(id.clone());
        offer.until = now.instant + THINKING;
        let at = unix_nanos(now.system);
        offer.job.state = Some(JobState {
            status: JobStatus::JsRunning.into(),
            worker_id: id.0.clone(),
            started_at: at,
            updated_at: at,
            ..JobState::default()
        });
        let request = AvailabilityRequest {
            job: Some(offer.job.clone()),
            resuming: offer.resuming,
        };
        if self.send(&id, server_message::Message::Availability(request)) {
            self.offers.insert(offer.job.id.clone(), offer);
            Ok(())
        } else {
            self.lose(&id, now);
            Err(offer)
        }
    }

    fn nobody_takes(&mut self, offer: &Offer, now: Now) {
        let job = &offer.job;
        let room = job.room.as_ref().map_or("", |room| &room.name);
        let text = if offer.refused {
            "every worker that was asked refused"
        } else {
            "no worker answered"
        };
        self.trouble(&job.agent_name, room, text, now);
        if let Some(source) = offer.source.as_ref().filter(|_| !offer.refused) {
            self.reopen(source, offer.resuming);
        }
    }

    /// Nobody does it any more.
    pub(super) fn reopen(&mut self, source: &Source, lost: bool) {
        if let Some(need) = self.need(source) {
            need.open = true;
            need.lost = lost;
        }
    }

    fn need(&mut self, source: &Source) -> Option<&mut Need> {
        let room = self.rooms.get_mut(&source.room)?;
        let mut dispatches = room.dispatches.iter_mut();
        let dispatch: &mut Dispatch = dispatches.find(|known| known.about.id == source.dispatch)?;
        let mut needs = dispatch.needs.iter_mut();
        needs.find(|need| need.purpose == source.purpose)
    }

    /// A worker's answer to an offer.
    pub(super) fn answer(&mut self, id: &WorkerId, answer: &AvailabilityResponse, now: Now) {
        let Some(mut offer) = self.take_offer(id, &answer.job_id) else {
            tracing::debug!(worker = %id, job = answer.job_id, "an answer to nothing that was asked");
            return;
        };
        if answer.terminate {
            let mut job = offer.job;
            if let Some(state) = &mut job.state {
                state.status = JobStatus::JsSuccess.into();
                state.ended_at = unix_nanos(now.system);
            }
            self.note(job, offer.source, None);
            return;
        }
        if !answer.available {
            offer.refused = true;
            self.ask_next(offer, now);
            return;
        }
        self.assign(id, *offer, answer, now);
    }

    fn take_offer(&mut self, id: &WorkerId, job: &str) -> Option<Box<Offer>> {
        self.offers.get(job).filter(|offer| offer.worker == *id)?;
        self.offers.remove(job)
    }

    fn assign(&mut self, id: &WorkerId, offer: Offer, answer: &AvailabilityResponse, now: Now) {
        let Offer {
            mut job, source, ..
        } = offer;
        let Some(worker) = self.workers.get(id) else {
            return;
        };
        let sender = Sender {
            api_key: &worker.registration.api_key,
            permissions: &worker.registration.permissions,
            agent_name: &worker.registration.agent_name,
            room: job.room.as_ref().map_or("", |room| &room.name),
        };
        let token = match of_agent(&self.keys, &sender, answer, now.system) {
            Ok(token) => token,
            Err(error) => {
                tracing::error!(%error, worker = %id, "no token for an agent");
                return;
            }
        };
        if let Some(state) = &mut job.state {
            state
                .participant_identity
                .clone_from(&answer.participant_identity);
        }
        tracing::info!(
            worker = %id, job = job.id, room = sender.room, agent = answer.participant_identity,
            "an agent's job begins"
        );
        let assignment = JobAssignment {
            job: Some(job.clone()),
            // Absent: the worker knows where it found us, which is where its agents find us as well.
            url: None,
            token,
        };
        self.note(job, source, Some(id.clone()));
        if !self.send(id, server_message::Message::Assignment(assignment)) {
            self.lose(id, now);
        }
    }

    /// Keeps a job that somebody has taken, or settled.
    fn note(&mut self, job: Job, source: Option<Source>, worker: Option<WorkerId>) {
        let id = job.id.clone();
        let room = RoomName::new(job.room.as_ref().map_or("", |room| &room.name));
        let mut subject = String::new();
        if let Some(worker) = worker.as_ref().and_then(|id| self.workers.get_mut(id)) {
            worker.jobs.insert(id.clone());
            subject.clone_from(&worker.registration.subject);
        }
        let record = JobRecord {
            job,
            room: room.clone(),
            source,
            worker,
            subject,
        };
        if record.is_running()
            && let Some(room) = self.rooms.get_mut(&room)
        {
            room.running.insert(id.clone());
        }
        let dispatch = record.source.as_ref().map(|source| source.dispatch.clone());
        self.jobs.insert(id.clone(), record);
        if let Some(dispatch) = dispatch {
            self.note_job(&room, &dispatch, &id);
        }
    }

    /// Whoever has thought too long is not waited for.
    pub(super) fn give_up_offers(&mut self, now: Now) {
        let late = |offer: &Offer| offer.until <= now.instant;
        let late = self.offers.iter().filter(|(_, offer)| late(offer));
        let late: Vec<_> = late.map(|(id, _)| id.clone()).collect();
        for id in late {
            if let Some(offer) = self.offers.remove(&id) {
                self.ask_next(offer, now);
            }
        }
    }

    pub(super) fn send(&mut self, id: &WorkerId, message: server_message::Message) -> bool {
        let worker = self.workers.get(id);
        worker.is_some_and(|worker| worker.frames.try_send(frame(message)).is_ok())
    }
}

/// The names of agents in the room that no known job sent: they came back by themselves after this server was killed.
fn strays<'a>(
    room: &'a RoomRecord,
    jobs: &'a std::collections::BTreeMap<String, JobRecord>,
) -> impl Iterator<Item = String> + 'a {
    room.present.iter().filter_map(move |(identity, present)| {
        let name = present.sent_by()?;
        let mut running = room.running.iter().filter_map(|id| jobs.get(id));
        let is_known = running.any(|job| job.agent() == identity.as_str());
        (!is_known).then(|| name.to_owned())
    })
}
