//! LiveKit's RoomService: the calls the platform makes, each with the least grant that allows it.

use std::{collections::HashMap, fmt};

use livekit_client::{Grant, room_service};
use livekit_protocol as proto;

use super::{
    LiveKit, LiveKitError,
    connection_check::is_throw_away,
    identity::{Identity, Subject},
    token::Generation,
};
use crate::clock::Timestamp;

/// A room's name on the media server.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RoomName(pub String);

impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An agent that comes when a room starts.
#[derive(Debug, Clone)]
pub struct ComingAgent {
    /// As its worker registers; empty: workers without a name.
    pub agent_name: String,
    /// What it is told.
    pub metadata: String,
}

/// How a room starts on the media server; zero means the server's default.
#[derive(Debug, Clone, Default)]
pub struct Beginning {
    /// Seats, 0 = no limit.
    pub max_participants: u32,
    /// Seconds it waits for the first participant.
    pub empty_timeout: u32,
    /// Seconds it stays after the last one left.
    pub departure_timeout: u32,
    /// Nobody means every agent without a name, as everywhere in LiveKit.
    pub agents: Vec<ComingAgent>,
}

/// When a participant joined, in milliseconds even where the server knows seconds only.
pub fn joined_at(info: &proto::ParticipantInfo) -> Timestamp {
    match info.joined_at_ms {
        0 => Timestamp(info.joined_at.saturating_mul(1000)),
        millis => Timestamp(millis),
    }
}

impl LiveKit {
    /// Makes the room, or finds it as it is.
    pub async fn create_room(
        &self,
        room: &RoomName,
        beginning: Beginning,
        now: Timestamp,
    ) -> Result<proto::Room, LiveKitError> {
        let agents = beginning.agents.into_iter();
        let agents = agents.map(|agent| proto::RoomAgentDispatch {
            agent_name: agent.agent_name,
            metadata: agent.metadata,
            ..Default::default()
        });
        let request = proto::CreateRoomRequest {
            name: room.0.clone(),
            max_participants: beginning.max_participants,
            empty_timeout: beginning.empty_timeout,
            departure_timeout: beginning.departure_timeout,
            agents: agents.collect(),
            ..Default::default()
        };
        self.call(room_service::CREATE_ROOM, Grant::CreateRooms, &request, now)
            .await
    }

    /// Every room that is live now, but for those where a connection is tried.
    pub async fn list_rooms(&self, now: Timestamp) -> Result<Vec<proto::Room>, LiveKitError> {
        let request = proto::ListRoomsRequest::default();
        let mut answer = self
            .call(room_service::LIST_ROOMS, Grant::ListRooms, &request, now)
            .await?;
        answer.rooms.retain(|room| !is_throw_away(&room.name));
        Ok(answer.rooms)
    }

    /// Sends everybody out and ends the room.
    pub async fn delete_room(&self, room: &RoomName, now: Timestamp) -> Result<(), LiveKitError> {
        let request = proto::DeleteRoomRequest {
            room: room.0.clone(),
        };
        self.call(room_service::DELETE_ROOM, Grant::CreateRooms, &request, now)
            .await?;
        Ok(())
    }

    /// Who is in the room; empty when it is not live.
    pub async fn list_participants(
        &self,
        room: &RoomName,
        now: Timestamp,
    ) -> Result<Vec<proto::ParticipantInfo>, LiveKitError> {
        let request = proto::ListParticipantsRequest {
            room: room.0.clone(),
        };
        let answer = self
            .call(
                room_service::LIST_PARTICIPANTS,
                Grant::Room(&room.0),
                &request,
                now,
            )
            .await;
        match answer {
            Ok(answer) => Ok(answer.participants),
            Err(LiveKitError::NotFound) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// One participant as the server sees it.
    pub async fn get_participant(
        &self,
        room: &RoomName,
        identity: &Identity,
        now: Timestamp,
    ) -> Result<proto::ParticipantInfo, LiveKitError> {
        let request = participant(room, identity);
        self.call(
            room_service::GET_PARTICIPANT,
            Grant::Room(&room.0),
            &request,
            now,
        )
        .await
    }

    /// Everybody in the room who is this person.
    pub async fn connections(
        &self,
        room: &RoomName,
        subject: &Subject,
        now: Timestamp,
    ) -> Result<Vec<proto::ParticipantInfo>, LiveKitError> {
        let mut present = self.list_participants(room, now).await?;
        present.retain(|info| {
            info.identity
                .parse::<Identity>()
                .is_ok_and(|identity| identity.subject() == *subject)
        });
        Ok(present)
    }

    /// Sends a person out, with every connection they have.
    pub async fn remove_person(
        &self,
        room: &RoomName,
        subject: &Subject,
        now: Timestamp,
    ) -> Result<(), LiveKitError> {
        for info in self.connections(room, subject, now).await? {
            let Ok(identity) = info.identity.parse() else {
                continue;
            };
            self.send_out(room, &identity, now).await?;
        }
        Ok(())
    }

    /// Sends one participant out. Withdrawing tokens is the platform's, which counts generations: the media server would
    /// count seconds of a clock, let in tokens of the same second and refuse new ones where it is set back.
    pub async fn remove_participant(
        &self,
        room: &RoomName,
        identity: &Identity,
        now: Timestamp,
    ) -> Result<(), LiveKitError> {
        let request = participant(room, identity);
        self.call(
            room_service::REMOVE_PARTICIPANT,
            Grant::Room(&room.0),
            &request,
            now,
        )
        .await?;
        Ok(())
    }

    /// Puts out somebody who came in beside our signal socket, or could not be turned away there: the connection that `info`
    /// tells of, if it is still that one. Whoever came since, by a new token, has news and listings of their own.
    pub async fn put_out(
        &self,
        room: &RoomName,
        identity: &Identity,
        info: &proto::ParticipantInfo,
        now: Timestamp,
    ) -> Result<(), LiveKitError> {
        if self.get_participant(room, identity, now).await?.sid != info.sid {
            return Ok(());
        }
        let mut request = participant(room, identity);
        if self.endpoint.public_ws_url.is_some() {
            // Nobody of ours turns the next attempt away: a media server that can does. A token of this very second may be
            // a new one; with an old one so young they are put out a second time.
            request.revoke_token_ts = now.as_seconds();
        }
        let grant = Grant::Room(&room.0);
        self.call(room_service::REMOVE_PARTICIPANT, grant, &request, now)
            .await?;
        Ok(())
    }

    /// Mutes a track (a stopped camera or share is a muted one); unmuting is the participant's own business.
    pub async fn mute_track(
        &self,
        room: &RoomName,
        identity: &Identity,
        track_sid: &str,
        now: Timestamp,
    ) -> Result<(), LiveKitError> {
        let request = proto::MuteRoomTrackRequest {
            room: room.0.clone(),
            identity: identity.to_string(),
            track_sid: track_sid.to_owned(),
            muted: true,
        };
        self.call(
            room_service::MUTE_PUBLISHED_TRACK,
            Grant::Room(&room.0),
            &request,
            now,
        )
        .await?;
        Ok(())
    }

    /// Replaces what a participant may do, and the generation of the tokens that the server gives them.
    pub async fn set_permission(
        &self,
        room: &RoomName,
        identity: &Identity,
        permission: proto::ParticipantPermission,
        generation: Generation,
        now: Timestamp,
    ) -> Result<proto::ParticipantInfo, LiveKitError> {
        let request = proto::UpdateParticipantRequest {
            room: room.0.clone(),
            identity: identity.to_string(),
            permission: Some(permission),
            attributes: HashMap::from([generation.attribute()]),
            ..Default::default()
        };
        self.call(
            room_service::UPDATE_PARTICIPANT,
            Grant::Room(&room.0),
            &request,
            now,
        )
        .await
    }

    /// Changes what a participant is called.
    pub async fn set_name(
        &self,
        room: &RoomName,
        identity: &Identity,
        name: &str,
        now: Timestamp,
    ) -> Result<proto::ParticipantInfo, LiveKitError> {
        let request = proto::UpdateParticipantRequest {
            room: room.0.clone(),
            identity: identity.to_string(),
            name: name.to_owned(),
            ..Default::default()
        };
        self.call(
            room_service::UPDATE_PARTICIPANT,
            Grant::Room(&room.0),
            &request,
            now,
        )
        .await
    }

    /// Sets attributes of a participant; an empty value deletes one.
    pub async fn set_attributes(
        &self,
        room: &RoomName,
        identity: &Identity,
        attributes: HashMap<String, String>,
        now: Timestamp,
    ) -> Result<proto::ParticipantInfo, LiveKitError> {
        let request = proto::UpdateParticipantRequest {
            room: room.0.clone(),
            identity: identity.to_string(),
            attributes,
            ..Default::default()
        };
        self.call(
            room_service::UPDATE_PARTICIPANT,
            Grant::Room(&room.0),
            &request,
            now,
        )
        .await
    }
}

fn participant(room: &RoomName, identity: &Identity) -> proto::RoomParticipantIdentity {
    proto::RoomParticipantIdentity {
        room: room.0.clone(),
        identity: identity.to_string(),
        revoke_token_ts: 0,
    }
}
