//! What the room tells of itself to whoever sends agents into it (rtc/room.go launchRoomAgents, launchTargetAgents). It must
//! not know workers: the news go out, agents come in as participants.

use livekit_protocol::RoomAgentDispatch;
use livekit_wire::Identity;

use super::Room;
use crate::ground::AgentNews;
use crate::participant::ParticipantKey;

impl Room {
    pub(super) fn tell_agents_opened(&self, agents: Vec<RoomAgentDispatch>) {
        (self.shared.agents)(AgentNews::Opened {
            room: Box::new(self.info()),
            agents,
        });
    }

    pub(super) fn tell_agents_joined(&self, key: ParticipantKey) {
        if let Some(participant) = self.roster.get(key) {
            (self.shared.agents)(AgentNews::Joined {
                room: Box::new(self.info()),
                participant: Box::new(self.participant_info(participant)),
                dependent: participant.is_dependent(),
            });
        }
    }

    pub(super) fn tell_agents_published(&self, key: ParticipantKey) {
        if let Some(participant) = self.roster.get(key) {
            (self.shared.agents)(AgentNews::Published {
                room: Box::new(self.info()),
                participant: Box::new(self.participant_info(participant)),
                dependent: participant.is_dependent(),
            });
        }
    }

    pub(super) fn tell_agents_left(&self, identity: Identity) {
        (self.shared.agents)(AgentNews::Left {
            room: self.name.clone(),
            identity,
        });
    }

    pub(super) fn tell_agents_closed(&self) {
        (self.shared.agents)(AgentNews::Closed {
            room: self.name.clone(),
        });
    }
}
