//! Facts about workers, dispatches and jobs, told without sockets and clocks.

use std::time::{Duration, SystemTime};

use livekit_wire::{
    ApiKeys, Identity, RoomName,
    proto::{
        self, AgentDispatch, AvailabilityResponse, Job, JobAssignment, JobRestartPolicy, JobStatus,
        JobType, MigrateJobRequest, ParticipantInfo, ParticipantPermission, Room,
        RoomAgentDispatch, SimulateJobRequest, UpdateJobStatus, UpdateWorkerStatus, WorkerStatus,
        participant_info::Kind, server_message::Message as ToWorker,
        worker_message::Message as FromWorker,
    },
};
use rand::{SeedableRng, rngs::StdRng};
use tokio::sync::{mpsc, oneshot};

use super::*;
use crate::{
    agents::socket::Registration,
    ground::{AGENT_NAME_ATTRIBUTE, AgentNews},
};

struct House {
    board: Board,
    now: Now,
}

/// A worker that is driven by hand.
struct Hand {
    id: WorkerId,
    frames: mpsc::Receiver<ServerMessage>,
}

impl Hand {
    fn heard(&mut self) -> Vec<ToWorker> {
        let heard = std::iter::from_fn(|| self.frames.try_recv().ok());
        heard.map(|frame| frame.message.unwrap()).collect()
    }

    /// The one job that it is asked to take.
    fn asked(&mut self) -> Job {
        match &self.heard()[..] {
            [ToWorker::Availability(request)] => request.job.clone().unwrap(),
            other => panic!("not one offer: {other:?}"),
        }
    }

    fn is_closed(&mut self) -> bool {
        self.heard();
        self.frames.is_closed()
    }
}

fn room() -> Room {
    Room {
        name: "room".to_owned(),
        sid: "RM_1".to_owned(),
        ..Room::default()
    }
}

fn named(name: &str) -> RoomAgentDispatch {
    RoomAgentDispatch {
        agent_name: name.to_owned(),
        ..RoomAgentDispatch::default()
    }
}

fn wish(name: &str) -> AgentDispatch {
    AgentDispatch {
        room: "room".to_owned(),
        agent_name: name.to_owned(),
        metadata: "m".to_owned(),
        ..AgentDispatch::default()
    }
}

impl House {
    fn new() -> Self {
        let keys = ApiKeys::one("key".to_owned(), "secret".into());
        Self {
            board: Board::new(keys, StdRng::seed_from_u64(1)),
            now: Now {
                instant: tokio::time::Instant::now().into_std(),
                system: SystemTime::UNIX_EPOCH + Duration::from_hours(500_000),
            },
        }
    }

    fn open(&mut self, agents: &[&str]) {
        self.tell(AgentNews::Opened {
            room: Box::new(room()),
            agents: agents.iter().map(|name| named(name)).collect(),
        });
    }

    fn tell(&mut self, news: AgentNews) {
        self.board.handle(Command::News(news), self.now);
    }

    fn joins(&mut self, identity: &str) {
        self.tell(AgentNews::Joined {
            room: Box::new(room()),
            participant: Box::new(person(identity)),
            dependent: false,
        });
    }

    fn publishes(&mut self, identity: &str) {
        self.tell(AgentNews::Published {
            room: Box::new(room()),
            participant: Box::new(person(identity)),
            dependent: false,
        });
    }

    fn agent_joins(&mut self, identity: &str, name: &str) {
        let mut participant = person(identity);
        participant.kind = Kind::Agent.into();
        let attribute = (AGENT_NAME_ATTRIBUTE.to_owned(), name.to_owned());
        participant.attributes = [attribute].into();
        self.tell(AgentNews::Joined {
            room: Box::new(room()),
            participant: Box::new(participant),
            dependent: true,
        });
    }

    fn leaves(&mut self, identity: &str) {
        self.tell(AgentNews::Left {
            room: RoomName::new("room"),
            identity: Identity::parse(identity).unwrap(),
        });
    }

    fn closes(&mut self) {
        self.tell(AgentNews::Closed {
            room: RoomName::new("room"),
        });
    }

    fn worker(&mut self, name: &str, job_type: JobType) -> Hand {
        let (frames, received) = mpsc::channel(16);
        let id = WorkerId(format!("AW_{}", self.board.workers.len()));
        let registration = Registration {
            api_key: "key".to_owned(),
            subject: "program".to_owned(),
            address: "192.0.2.1".to_owned(),
            agent_name: name.to_owned(),
            deployment: String::new(),
            version: "1".to_owned(),
            job_type,
            permissions: ParticipantPermission::default(),
        };
        let command = Command::Registered {
            id: id.clone(),
            registration: Box::new(registration),
            frames,
        };
        self.board.handle(command, self.now);
        Hand {
            id,
            frames: received,
        }
    }

    fn says(&mut self, hand: &Hand, message: FromWorker) {
        let command = Command::Said {
            id: hand.id.clone(),
            message: Box::new(message),
        };
        self.board.handle(command, self.now);
    }

    fn answers(&mut self, hand: &Hand, job: &Job, available: bool) {
        let answer = AvailabilityResponse {
            job_id: job.id.clone(),
            available,
            participant_identity: format!("agent-{}", job.id),
            ..AvailabilityResponse::default()
        };
        self.says(hand, FromWorker::Availability(answer));
    }

    /// Takes the job that it is asked for, and is in the room.
    fn takes(&mut self, hand: &mut Hand) -> JobAssignment {
        let job = hand.asked();
        self.answers(hand, &job, true);
        match &hand.heard()[..] {
            [ToWorker::Assignment(assignment)] => assignment.clone(),
            other => panic!("not an assignment: {other:?}"),
        }
    }

    fn is_busy(&mut self, hand: &Hand, status: Option<WorkerStatus>, load: f32) {
        let update = UpdateWorkerStatus {
            status: status.map(i32::from),
            load,
            ..UpdateWorkerStatus::default()
        };
        self.says(hand, FromWorker::UpdateWorker(update));
    }

    fn goes(&mut self, hand: Hand) {
        self.board.handle(Command::Gone { id: hand.id }, self.now);
    }

    fn passes(&mut self, time: Duration) {
        self.now.instant += time;
        self.board.on_time(self.now);
    }

    fn dispatches(&self) -> Vec<AgentDispatch> {
        self.board
            .list_dispatches(&RoomName::new("room"), "")
            .unwrap()
    }

    fn states(&self) -> Vec<(JobStatus, String)> {
        let dispatches = self.dispatches();
        let jobs = dispatches
            .iter()
            .flat_map(|dispatch| &dispatch.state.as_ref().unwrap().jobs);
        jobs.map(|job| job.state.clone().unwrap())
            .map(|state| (state.status(), state.error))
            .collect()
    }
}

fn person(identity: &str) -> ParticipantInfo {
    ParticipantInfo {
        identity: identity.to_owned(),
        ..ParticipantInfo::default()
    }
}

fn agent_of(assignment: &JobAssignment) -> String {
    let job = assignment.job.as_ref().unwrap();
    job.state.as_ref().unwrap().participant_identity.clone()
}

#[test]
fn a_worker_without_a_name_goes_into_every_room_and_one_with_a_name_into_none() {
    let mut house = House::new();
    let mut named = house.worker("helper", JobType::JtRoom);
    let mut unnamed = house.worker("", JobType::JtRoom);
    house.open(&[]);
    assert!(named.heard().is_empty());
    let assignment = house.takes(&mut unnamed);
    let job = assignment.job.unwrap();
    assert_eq!(job.r#type(), JobType::JtRoom);
    assert_eq!(job.room.unwrap().name, "room");
    assert!(job.participant.is_none());
    assert_eq!(assignment.url, None);
    assert!(!assignment.token.is_empty());
}

#[test]
fn a_room_that_names_its_agents_gets_these_only() {
    let mut house = House::new();
    let mut named = house.worker("helper", JobType::JtRoom);
    let mut unnamed = house.worker("", JobType::JtRoom);
    house.open(&["helper"]);
    assert_eq!(named.asked().agent_name, "helper");
    assert!(unnamed.heard().is_empty());
}

#[test]
fn jobs_for_participants_and_publishers_begin_as_they_come() {
    let mut house = House::new();
    let mut participants = house.worker("", JobType::JtParticipant);
    let mut publishers = house.worker("", JobType::JtPublisher);
    house.open(&[]);
    assert!(participants.heard().is_empty());
    house.joins("ada");
    assert_eq!(participants.asked().participant.unwrap().identity, "ada");
    assert!(publishers.heard().is_empty());
    house.publishes("ada");
    assert_eq!(publishers.asked().participant.unwrap().identity, "ada");
    house.agent_joins("robot", "");
    assert!(participants.heard().is_empty(), "nobody works for an agent");
}

#[test]
fn a_dispatch_of_an_open_room_is_for_everybody_who_is_there() {
    let mut house = House::new();
    let mut participants = house.worker("helper", JobType::JtParticipant);
    let mut publishers = house.worker("helper", JobType::JtPublisher);
    house.open(&[]);
    house.joins("ada");
    house.joins("bob");
    house.publishes("bob");
    let dispatch = house.board.dispatch(wish("helper"), house.now).unwrap();
    assert!(dispatch.id.starts_with("AD_"));
    assert_eq!(participants.heard().len(), 2);
    let job = publishers.asked();
    assert_eq!(job.participant.unwrap().identity, "bob");
    assert_eq!(
        (job.dispatch_id, job.metadata),
        (dispatch.id, "m".to_owned())
    );
    let other = AgentDispatch {
        room: "other".to_owned(),
        ..wish("helper")
    };
    let refused = house.board.dispatch(other, house.now);
    assert_eq!(refused, Err(NoSuch::Room));
}

#[test]
fn a_refused_job_goes_to_the_next_and_is_not_offered_for_ever() {
    let mut house = House::new();
    let mut one = house.worker("", JobType::JtRoom);
    let mut two = house.worker("", JobType::JtRoom);
    house.open(&[]);
    for _ in 0..2 {
        let (hand, job) = match (&one.heard()[..], &two.heard()[..]) {
            ([ToWorker::Availability(request)], []) => (&one, request.job.clone().unwrap()),
            ([], [ToWorker::Availability(request)]) => (&two, request.job.clone().unwrap()),
            other => panic!("not one offer: {other:?}"),
        };
        house.answers(hand, &job, false);
    }
    house.worker("", JobType::JtRoom);
    assert!(house.board.offers.is_empty(), "it was refused");
    assert!(house.board.overview().troubles[0].text.contains("refused"));
}

#[test]
fn a_worker_that_thinks_too_long_is_passed_over() {
    let mut house = House::new();
    let mut slow = house.worker("", JobType::JtRoom);
    house.open(&[]);
    let job = slow.asked();
    assert!(house.board.deadline().is_some());
    house.passes(Duration::from_secs(10));
    house.answers(&slow, &job, true);
    assert!(slow.heard().is_empty(), "too late");
    let mut other = house.worker("", JobType::JtRoom);
    // Either may be asked now: the need is open again.
    let asked = [slow.heard().len(), other.heard().len()];
    assert_eq!(asked.iter().sum::<usize>(), 1);
}

#[test]
fn a_full_or_drained_worker_gets_nothing_until_it_can_again() {
    let mut house = House::new();
    let mut worker = house.worker("", JobType::JtRoom);
    house.is_busy(&worker, Some(WorkerStatus::WsFull), 0.1);
    house.open(&[]);
    assert!(worker.heard().is_empty());
    house.is_busy(&worker, Some(WorkerStatus::WsAvailable), 1.0);
    assert!(worker.heard().is_empty(), "its load is all it can do");
    house.is_busy(&worker, None, 0.5);
    assert_eq!(worker.heard().len(), 1);

    let mut house = House::new();
    let mut worker = house.worker("", JobType::JtRoom);
    house.board.drain(&worker.id).unwrap();
    house.open(&[]);
    house.is_busy(&worker, Some(WorkerStatus::WsAvailable), 0.0);
    assert!(worker.heard().is_empty());
    assert_eq!(house.board.overview().workers[0].status, "draining");
    let nobody = WorkerId("AW_x".to_owned());
    assert_eq!(house.board.drain(&nobody), Err(NoSuch::Worker));
}

#[test]
fn a_room_that_was_there_first_gets_its_agent_when_a_worker_comes() {
    let mut house = House::new();
    house.open(&[]);
    house.joins("ada");
    let mut worker = house.worker("", JobType::JtRoom);
    house.takes(&mut worker);
    house.worker("", JobType::JtRoom);
    assert!(house.board.offers.is_empty(), "once is enough");
}

#[test]
fn an_agent_that_leaves_its_room_has_failed_and_its_worker_is_told() {
    let mut house = House::new();
    let mut worker = house.worker("", JobType::JtRoom);
    house.open(&[]);
    let assignment = house.takes(&mut worker);
    let agent = agent_of(&assignment);
    house.agent_joins(&agent, "");
    house.leaves(&agent);
    let job = assignment.job.unwrap().id;
    assert!(matches!(&worker.heard()[..], [ToWorker::Termination(end)] if end.job_id == job));
    let failed = (JobStatus::JsFailed, "agent worker left the room".to_owned());
    assert_eq!(house.states(), [failed]);
    assert!(house.board.offers.is_empty(), "it is not sent again");
}

#[test]
fn a_worker_says_how_its_job_ends() {
    let mut house = House::new();
    let mut worker = house.worker("", JobType::JtRoom);
    house.open(&[]);
    let job = house.takes(&mut worker).job.unwrap().id;
    let update = |status: JobStatus, error: &str| {
        FromWorker::UpdateJob(UpdateJobStatus {
            job_id: job.clone(),
            status: status.into(),
            error: error.to_owned(),
        })
    };
    let stranger = house.worker("other", JobType::JtRoom);
    house.says(&stranger, update(JobStatus::JsSuccess, ""));
    assert_eq!(house.states()[0].0, JobStatus::JsRunning, "not its job");
    house.says(&worker, update(JobStatus::JsFailed, "no model"));
    let failed = (JobStatus::JsFailed, "no model".to_owned());
    assert_eq!(house.states(), [failed]);
    assert_eq!(house.board.overview().troubles[0].text, "no model");
    assert_eq!(house.board.overview().workers[0].jobs, 0);
}

#[test]
fn a_deleted_dispatch_ends_its_jobs_and_removes_the_agent_that_stays() {
    let mut house = House::new();
    let mut worker = house.worker("", JobType::JtRoom);
    house.open(&[]);
    let assignment = house.takes(&mut worker);
    let agent = agent_of(&assignment);
    house.agent_joins(&agent, "");
    let id = house.dispatches()[0].id.clone();
    let name = RoomName::new("room");
    let deleted = house.board.delete_dispatch(&name, &id, house.now).unwrap();
    assert_eq!(deleted.state.unwrap().jobs.len(), 1);
    assert!(matches!(&worker.heard()[..], [ToWorker::Termination(_)]));
    assert!(house.dispatches().is_empty());
    house.passes(Duration::from_secs(2));
    assert!(house.board.take_removals().is_empty());
    house.passes(Duration::from_secs(1));
    let removed = house.board.take_removals();
    assert_eq!(removed, [(name.clone(), Identity::parse(agent).unwrap())]);
    let again = house.board.delete_dispatch(&name, &id, house.now);
    assert_eq!(again.err(), Some(NoSuch::Dispatch));
}

#[test]
fn an_agent_that_goes_when_it_is_told_is_not_removed() {
    let mut house = House::new();
    let mut worker = house.worker("", JobType::JtRoom);
    house.open(&[]);
    let assignment = house.takes(&mut worker);
    house.agent_joins(&agent_of(&assignment), "");
    let job = assignment.job.clone().unwrap().id;
    let (reply, mut answer) = oneshot::channel();
    let end = |job: &str, reply| Command::EndJob {
        job: job.to_owned(),
        reply,
    };
    house.board.handle(end(&job, reply), house.now);
    assert_eq!(answer.try_recv().unwrap(), Ok(()));
    assert_eq!(house.states(), [(JobStatus::JsSuccess, String::new())]);
    house.leaves(&agent_of(&assignment));
    house.passes(Duration::from_secs(3));
    assert!(house.board.take_removals().is_empty());
    let (reply, mut answer) = oneshot::channel();
    house.board.handle(end(&job, reply), house.now);
    assert_eq!(answer.try_recv().unwrap(), Err(NoSuch::Job));
}

#[test]
fn a_room_that_ends_ends_its_jobs_and_forgets_them() {
    let mut house = House::new();
    let mut worker = house.worker("", JobType::JtRoom);
    house.open(&[]);
    let assignment = house.takes(&mut worker);
    house.agent_joins(&agent_of(&assignment), "");
    house.closes();
    house.leaves(&agent_of(&assignment));
    assert!(matches!(&worker.heard()[..], [ToWorker::Termination(_)]));
    let board = &house.board;
    assert!(board.jobs.is_empty() && board.rooms.is_empty() && board.leaving.is_empty());
    assert_eq!(board.overview().troubles, [], "nothing went wrong");
}

#[test]
fn the_job_of_a_killed_worker_goes_to_another_when_its_agent_is_gone() {
    let mut house = House::new();
    let mut worker = house.worker("", JobType::JtRoom);
    house.open(&[]);
    let assignment = house.takes(&mut worker);
    house.agent_joins(&agent_of(&assignment), "");
    house.goes(worker);
    let mut other = house.worker("", JobType::JtRoom);
    assert!(other.heard().is_empty(), "its agent is still there");
    assert_eq!(house.states()[0].0, JobStatus::JsRunning);
    house.leaves(&agent_of(&assignment));
    let asked = other.heard();
    assert!(
        matches!(&asked[..], [ToWorker::Availability(request)] if request.resuming),
        "{asked:?}"
    );
    assert_eq!(house.states()[0].0, JobStatus::JsFailed);
}

#[test]
fn a_worker_that_was_only_away_keeps_its_jobs() {
    let mut house = House::new();
    let mut worker = house.worker("", JobType::JtRoom);
    house.open(&[]);
    let assignment = house.takes(&mut worker);
    house.agent_joins(&agent_of(&assignment), "");
    house.goes(worker);
    let worker = house.worker("", JobType::JtRoom);
    let job = assignment.job.unwrap().id;
    let report = MigrateJobRequest {
        job_ids: vec![job.clone(), "AJ_other".to_owned()],
    };
    house.says(&worker, FromWorker::MigrateJob(report));
    let overview = house.board.overview();
    assert_eq!(overview.workers[0].jobs, 1);
    assert_eq!(overview.jobs[0].worker_id, worker.id.0);
}

#[test]
fn a_dispatch_that_says_never_is_not_served_again() {
    let mut house = House::new();
    let never = RoomAgentDispatch {
        restart_policy: JobRestartPolicy::JrpNever.into(),
        ..RoomAgentDispatch::default()
    };
    let mut worker = house.worker("", JobType::JtRoom);
    house.tell(AgentNews::Opened {
        room: Box::new(room()),
        agents: vec![never],
    });
    house.takes(&mut worker);
    house.goes(worker);
    assert_eq!(
        house.states()[0].0,
        JobStatus::JsFailed,
        "it had not joined"
    );
    let mut other = house.worker("", JobType::JtRoom);
    assert!(other.heard().is_empty());
}

#[test]
fn an_agent_that_came_back_by_itself_is_not_doubled() {
    let mut house = House::new();
    house.open(&["helper"]);
    house.agent_joins("agent-of-before", "helper");
    let mut worker = house.worker("helper", JobType::JtRoom);
    assert!(worker.heard().is_empty());
    house.leaves("agent-of-before");
    assert_eq!(worker.heard().len(), 1);
}

#[test]
fn workers_of_a_revoked_key_are_closed_and_their_jobs_end() {
    let mut house = House::new();
    let mut worker = house.worker("", JobType::JtRoom);
    house.open(&[]);
    house.takes(&mut worker);
    let (reply, _answer) = oneshot::channel();
    let close = Command::CloseWorkers {
        subject: "program".to_owned(),
        reply,
    };
    house.board.handle(close, house.now);
    assert!(worker.is_closed());
    assert_eq!(house.states()[0].0, JobStatus::JsSuccess);
    let mut other = house.worker("", JobType::JtRoom);
    assert!(other.heard().is_empty(), "it was ended, not lost");
}

#[test]
fn the_agent_of_a_worker_that_is_gone_is_sent_out_when_those_with_its_token_are() {
    let mut house = House::new();
    house.open(&[]);
    let mut worker = house.worker("", JobType::JtRoom);
    let agent = agent_of(&house.takes(&mut worker));
    house.agent_joins(&agent, "");
    house.goes(worker);
    assert_eq!(
        house.states()[0].0,
        JobStatus::JsRunning,
        "its agent is there"
    );
    let (reply, _answer) = oneshot::channel();
    let subject = "program".to_owned();
    let close = Command::CloseWorkers { subject, reply };
    house.board.handle(close, house.now);
    assert_eq!(house.states()[0].0, JobStatus::JsSuccess);
    let mut other = house.worker("", JobType::JtRoom);
    assert!(other.heard().is_empty(), "it was ended, not lost");
}

#[test]
fn a_worker_tries_itself_out() {
    let mut house = House::new();
    let mut worker = house.worker("helper", JobType::JtRoom);
    let simulate = SimulateJobRequest {
        room: Some(room()),
        ..SimulateJobRequest::default()
    };
    house.says(&worker, FromWorker::SimulateJob(simulate));
    let job = house.takes(&mut worker).job.unwrap();
    assert_eq!(job.dispatch_id, "");
    let update = UpdateJobStatus {
        job_id: job.id,
        status: JobStatus::JsSuccess.into(),
        ..UpdateJobStatus::default()
    };
    house.says(&worker, FromWorker::UpdateJob(update));
    assert!(house.board.jobs.is_empty());
}

#[test]
fn a_job_that_is_settled_without_an_agent_has_ended() {
    let mut house = House::new();
    let mut worker = house.worker("", JobType::JtRoom);
    house.open(&[]);
    let answer = AvailabilityResponse {
        job_id: worker.asked().id,
        terminate: true,
        ..AvailabilityResponse::default()
    };
    house.says(&worker, FromWorker::Availability(answer));
    assert_eq!(house.states(), [(JobStatus::JsSuccess, String::new())]);
    assert!(worker.heard().is_empty());
}

#[test]
fn a_worker_that_does_not_read_is_gone() {
    let mut house = House::new();
    let mut worker = house.worker("", JobType::JtParticipant);
    house.open(&[]);
    for guest in 0..20 {
        house.joins(&format!("guest-{guest}"));
    }
    assert!(worker.is_closed());
    assert!(house.board.workers.is_empty());
    assert!(house.board.offers.is_empty());
}

#[test]
fn only_the_last_jobs_that_ended_are_told() {
    let mut house = House::new();
    house.open(&[]);
    let mut worker = house.worker("", JobType::JtParticipant);
    for guest in 0..150 {
        house.joins(&format!("guest-{guest}"));
        let job = house.takes(&mut worker).job.unwrap();
        let update = proto::UpdateJobStatus {
            job_id: job.id,
            status: JobStatus::JsSuccess.into(),
            ..UpdateJobStatus::default()
        };
        house.says(&worker, FromWorker::UpdateJob(update));
        house.leaves(&format!("guest-{guest}"));
    }
    assert!(house.states().len() <= 101);
    assert_eq!(house.board.jobs.len(), house.states().len());
}
