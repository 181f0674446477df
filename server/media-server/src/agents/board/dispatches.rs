//! Dispatches: the wish for an agent in a room, and the jobs that came of it.

use livekit_wire::{
    RoomName,
    ids::random_id,
    proto::{AgentDispatch, AgentDispatchState, RoomAgentDispatch},
};

use super::{
    Board, Now,
    records::{Dispatch, Purpose, RoomRecord},
    unix_nanos,
};
use crate::agents::NoSuch;

/// Ended jobs of one dispatch that are still told.
const ENDED_JOBS: usize = 100;

impl Board {
    /// A dispatch that a room was opened with.
    pub(super) fn add_dispatch(&mut self, room: &RoomName, agent: RoomAgentDispatch, now: Now) {
        let dispatch = AgentDispatch {
            room: room.as_str().to_owned(),
            agent_name: agent.agent_name,
            metadata: agent.metadata,
            restart_policy: agent.restart_policy,
            deployment: agent.deployment,
            attributes: agent.attributes,
            ..AgentDispatch::default()
        };
        self.note_dispatch(room, dispatch, now);
    }

    /// A dispatch that somebody asks for: it is for everybody who is there.
    pub(super) fn dispatch(
        &mut self,
        dispatch: AgentDispatch,
        now: Now,
    ) -> Result<AgentDispatch, NoSuch> {
        let name = RoomName::new(dispatch.room.as_str());
        let noted = self.note_dispatch(&name, dispatch, now);
        let noted = noted.ok_or(NoSuch::Room)?;
        self.serve(&name, now);
        Ok(noted)
    }

    fn note_dispatch(
        &mut self,
        name: &RoomName,
        mut about: AgentDispatch,
        now: Now,
    ) -> Option<AgentDispatch> {
        about.id = random_id("AD_", &mut self.random);
        about.state = Some(AgentDispatchState {
            created_at: unix_nanos(now.system),
            ..AgentDispatchState::default()
        });
        let room = self.rooms.get_mut(name)?;
        let mut dispatch = Dispatch {
            about: about.clone(),
            needs: Vec::new(),
            jobs: Vec::new(),
        };
        dispatch.need(Purpose::Room);
        let people = room.present.iter();
        for (identity, present) in people.filter(|(_, present)| !present.dependent) {
            dispatch.need(Purpose::Participant(identity.clone()));
            if present.published {
                dispatch.need(Purpose::Publisher(identity.clone()));
            }
        }
        room.dispatches.push(dispatch);
        Some(about)
    }

    pub(super) fn delete_dispatch(
        &mut self,
        room: &RoomName,
        id: &str,
        now: Now,
    ) -> Result<AgentDispatch, NoSuch> {
        let record = self.rooms.get_mut(room).ok_or(NoSuch::Room)?;
        let mut dispatches = record.dispatches.iter();
        let index = dispatches.position(|dispatch| dispatch.about.id == id);
        let dispatch = record.dispatches.remove(index.ok_or(NoSuch::Dispatch)?);
        let told = self.with_jobs(&dispatch);
        self.offers.retain(|_, offer| {
            let source = offer.source.as_ref();
            source.is_none_or(|source| source.dispatch != id)
        });
        for job in &dispatch.jobs {
            self.stop(job, now);
            self.jobs.remove(job);
        }
        Ok(told)
    }

    pub(super) fn list_dispatches(
        &self,
        room: &RoomName,
        id: &str,
    ) -> Result<Vec<AgentDispatch>, NoSuch> {
        let record: &RoomRecord = self.rooms.get(room).ok_or(NoSuch::Room)?;
        let wanted = |dispatch: &&Dispatch| id.is_empty() || dispatch.about.id == id;
        let found = record.dispatches.iter().filter(wanted);
        Ok(found.map(|dispatch| self.with_jobs(dispatch)).collect())
    }

    fn with_jobs(&self, dispatch: &Dispatch) -> AgentDispatch {
        let records = dispatch.jobs.iter().filter_map(|id| self.jobs.get(id));
        let mut told = dispatch.about.clone();
        let state = told.state.get_or_insert_default();
        state.jobs = records.map(|record| record.job.clone()).collect();
        told
    }

    /// Notes the job of a dispatch, and forgets the oldest that have ended where there are many.
    pub(super) fn note_job(&mut self, room: &RoomName, dispatch: &str, job: &str) {
        let Some(room) = self.rooms.get_mut(room) else {
            return;
        };
        let mut dispatches = room.dispatches.iter_mut();
        let Some(dispatch) = dispatches.find(|known| known.about.id == dispatch) else {
            return;
        };
        dispatch.jobs.push(job.to_owned());
        let running = &room.running;
        let ended = dispatch.jobs.iter().filter(|id| !running.contains(*id));
        let too_many = ended.count().saturating_sub(ENDED_JOBS);
        let mut left = too_many;
        let jobs = &mut self.jobs;
        dispatch.jobs.retain(|id| {
            let forget = left > 0 && !running.contains(id);
            if forget {
                left -= 1;
                jobs.remove(id);
            }
            !forget
        });
    }
}
