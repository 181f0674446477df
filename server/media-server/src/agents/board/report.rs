//! The board as administrators see it.

use livekit_wire::proto::JobType;

use super::{Board, JobRecord, Worker, WorkerId, unix_millis};
use crate::agents::{JobOverview, Overview, WorkerOverview};

impl Board {
    pub(super) fn overview(&self) -> Overview {
        Overview {
            workers: self.workers.iter().map(worker).collect(),
            jobs: self
                .jobs
                .values()
                .filter(|record| record.is_running())
                .map(job)
                .collect(),
            troubles: self.troubles.iter().cloned().collect(),
        }
    }
}

fn worker((id, worker): (&WorkerId, &Worker)) -> WorkerOverview {
    let registration = &worker.registration;
    WorkerOverview {
        id: id.0.clone(),
        agent_name: registration.agent_name.clone(),
        deployment: registration.deployment.clone(),
        version: registration.version.clone(),
        job_type: registration.job_type.as_str_name(),
        load: if worker.load.is_finite() {
            worker.load
        } else {
            1.0
        },
        status: if worker.draining {
            "draining"
        } else if worker.can_take() {
            "available"
        } else {
            "full"
        },
        jobs: worker.jobs.len(),
        address: registration.address.clone(),
        subject: registration.subject.clone(),
        since: unix_millis(worker.since),
    }
}

fn job(record: &JobRecord) -> JobOverview {
    let job = &record.job;
    let state = job.state.clone().unwrap_or_default();
    JobOverview {
        id: job.id.clone(),
        dispatch_id: job.dispatch_id.clone(),
        agent_name: job.agent_name.clone(),
        job_type: JobType::try_from(job.r#type)
            .unwrap_or_default()
            .as_str_name(),
        room: record.room.as_str().to_owned(),
        participant: job
            .participant
            .as_ref()
            .map(|participant| participant.identity.clone())
            .unwrap_or_default(),
        agent_identity: state.participant_identity,
        worker_id: record.worker.as_ref().map_or("", |id| &id.0).to_owned(),
        started_at: state.started_at / 1_000_000,
    }
}
