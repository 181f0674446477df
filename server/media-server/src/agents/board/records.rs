//! What the board keeps of rooms, dispatches, offers and jobs.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use livekit_wire::{
    Identity, RoomName,
    proto::{
        AgentDispatch, Job, JobState, JobStatus, JobType, ParticipantInfo, Room, participant_info,
    },
};

use super::WorkerId;
use crate::ground::AGENT_NAME_ATTRIBUTE;

/// An open room.
pub(super) struct RoomRecord {
    /// As it was when it last told something.
    pub info: Room,
    /// Who is there.
    pub present: BTreeMap<Identity, Present>,
    /// Whom it wants.
    pub dispatches: Vec<Dispatch>,
    /// Jobs here that have not ended.
    pub running: BTreeSet<String>,
}

/// Somebody in a room.
pub(super) struct Present {
    pub info: ParticipantInfo,
    /// An agent or a recorder: nobody works for it.
    pub dependent: bool,
    pub published: bool,
}

impl Present {
    /// The name of the worker that sent this agent; `None` for everybody else.
    pub fn sent_by(&self) -> Option<&str> {
        let name = self.info.attributes.get(AGENT_NAME_ATTRIBUTE)?;
        (self.info.kind() == participant_info::Kind::Agent).then_some(name)
    }
}

/// A dispatch of a room.
pub(super) struct Dispatch {
    /// Without its jobs.
    pub about: AgentDispatch,
    /// What there is to do.
    pub needs: Vec<Need>,
    /// The jobs that came of it, oldest first.
    pub jobs: Vec<String>,
}

impl Dispatch {
    /// Notes something to do, once.
    pub fn need(&mut self, purpose: Purpose) {
        if !self.needs.iter().any(|need| need.purpose == purpose) {
            self.needs.push(Need {
                purpose,
                open: true,
                lost: false,
            });
        }
    }
}

/// Something to do for a dispatch.
pub(super) struct Need {
    pub purpose: Purpose,
    /// Nobody does it, nor has refused to.
    pub open: bool,
    /// Somebody did it, who is gone.
    pub lost: bool,
}

/// What a job is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    Room,
    Publisher(Identity),
    Participant(Identity),
}

impl Purpose {
    pub fn job_type(&self) -> JobType {
        match self {
            Self::Room => JobType::JtRoom,
            Self::Publisher(_) => JobType::JtPublisher,
            Self::Participant(_) => JobType::JtParticipant,
        }
    }

    pub fn participant(&self) -> Option<&Identity> {
        match self {
            Self::Room => None,
            Self::Publisher(identity) | Self::Participant(identity) => Some(identity),
        }
    }
}

/// The need that a job is for.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub room: RoomName,
    pub dispatch: String,
    pub purpose: Purpose,
}

/// A job that a worker is asked to take.
pub(super) struct Offer {
    pub job: Job,
    /// `None` for one that a worker tries out.
    pub source: Option<Source>,
    /// Who is asked.
    pub worker: WorkerId,
    /// How long it may think.
    pub until: Instant,
    /// Who was asked, this one too.
    pub asked: BTreeSet<WorkerId>,
    /// Somebody has refused.
    pub refused: bool,
    /// Somebody did it before.
    pub resuming: bool,
}

/// A job that a worker has taken.
pub(super) struct JobRecord {
    pub job: Job,
    pub room: RoomName,
    /// `None` for one that a worker tries out.
    pub source: Option<Source>,
    /// `None` once its connection is lost.
    pub worker: Option<WorkerId>,
    /// Whose token that worker came with, also once it is lost; empty for a job that was settled without one.
    pub subject: String,
}

impl JobRecord {
    pub fn is_running(&self) -> bool {
        let status = self.job.state.as_ref().map(JobState::status);
        !matches!(status, Some(JobStatus::JsSuccess | JobStatus::JsFailed))
    }

    /// Who the agent is in the room.
    pub fn agent(&self) -> &str {
        let state = self.job.state.as_ref();
        state.map_or("", |state| &state.participant_identity)
    }
}

/// An agent that was told to go.
pub(super) struct Leaving {
    pub room: RoomName,
    pub identity: Identity,
    pub until: Instant,
}
