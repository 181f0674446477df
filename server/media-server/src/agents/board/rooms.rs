//! What rooms tell: needs come and go with rooms and people.

use std::collections::{BTreeMap, BTreeSet};

use livekit_wire::{
    Identity, RoomName,
    proto::{JobStatus, ParticipantInfo, Room, RoomAgentDispatch},
};

use super::{
    Board, Now,
    records::{Present, Purpose, RoomRecord},
};
use crate::ground::AgentNews;

impl Board {
    pub(super) fn hear(&mut self, news: AgentNews, now: Now) {
        match news {
            AgentNews::Opened { room, agents } => self.opened(*room, agents, now),
            AgentNews::Joined {
                room,
                participant,
                dependent,
            } => self.came(*room, *participant, dependent, false, now),
            AgentNews::Published {
                room,
                participant,
                dependent,
            } => self.came(*room, *participant, dependent, true, now),
            AgentNews::Left { room, identity } => self.left(&room, &identity, now),
            AgentNews::Closed { room } => self.closed(&room, now),
        }
    }

    fn opened(&mut self, info: Room, agents: Vec<RoomAgentDispatch>, now: Now) {
        let name = RoomName::new(info.name.as_str());
        self.rooms.insert(
            name.clone(),
            RoomRecord {
                info,
                present: BTreeMap::new(),
                dispatches: Vec::new(),
                running: BTreeSet::new(),
            },
        );
        // A room that names nobody wants every agent that has no name.
        let agents = if agents.is_empty() {
            vec![RoomAgentDispatch::default()]
        } else {
            agents
        };
        for agent in agents {
            self.add_dispatch(&name, agent, now);
        }
        self.serve(&name, now);
    }

    fn came(
        &mut self,
        info: Room,
        participant: ParticipantInfo,
        dependent: bool,
        published: bool,
        now: Now,
    ) {
        let name = RoomName::new(info.name.as_str());
        let Some(room) = self.rooms.get_mut(&name) else {
            return;
        };
        let Ok(identity) = Identity::parse(participant.identity.as_str()) else {
            return;
        };
        room.info = info;
        if !dependent {
            let purpose = if published {
                Purpose::Publisher(identity.clone())
            } else {
                Purpose::Participant(identity.clone())
            };
            for dispatch in &mut room.dispatches {
                dispatch.need(purpose.clone());
            }
        }
        let present = Present {
            info: participant,
            dependent,
            published,
        };
        room.present.insert(identity, present);
        self.serve(&name, now);
    }

    fn left(&mut self, name: &RoomName, identity: &Identity, now: Now) {
        let Some(room) = self.rooms.get_mut(name) else {
            return;
        };
        room.present.remove(identity);
        for dispatch in &mut room.dispatches {
            let needs = &mut dispatch.needs;
            needs.retain(|need| need.purpose.participant() != Some(identity));
        }
        let jobs = room.running.iter().filter(|id| {
            let job = self.jobs.get(*id);
            job.is_some_and(|job| job.agent() == identity.as_str())
        });
        let jobs: Vec<_> = jobs.cloned().collect();
        self.offers.retain(|_, offer| {
            offer.source.as_ref().is_none_or(|source| {
                source.room != *name || source.purpose.participant() != Some(identity)
            })
        });
        self.leaving
            .retain(|leaving| leaving.room != *name || leaving.identity != *identity);
        for job in jobs {
            self.agent_left(&job, now);
        }
        self.serve(name, now);
    }

    fn closed(&mut self, name: &RoomName, now: Now) {
        let running = self.rooms.get(name).map(|room| room.running.clone());
        for job in running.unwrap_or_default() {
            self.terminate(&job);
            self.end(&job, JobStatus::JsSuccess, "", now);
        }
        let Some(room) = self.rooms.remove(name) else {
            return;
        };
        for job in room.dispatches.iter().flat_map(|dispatch| &dispatch.jobs) {
            self.jobs.remove(job);
        }
        self.offers.retain(|_, offer| {
            let source = offer.source.as_ref();
            source.is_none_or(|source| source.room != *name)
        });
        self.leaving.retain(|leaving| leaving.room != *name);
    }
}
