//! The two calls of LiveKit's RoomService that a Matrix service makes.

use futures::future::BoxFuture;
use livekit_client::{CallError, Grant, room_service};
use livekit_wire::{Identity, RoomName, proto};

use super::LiveKit;
use crate::delayed_leave::{ParticipantSid, Presence, PresenceUnknown};

/// How long a room waits for its first participant.
const EMPTY_TIMEOUT_SECONDS: u32 = 5 * 60;
/// How long it stays when the last one left.
const DEPARTURE_TIMEOUT_SECONDS: u32 = 20;

impl LiveKit {
    /// Opens the room, or finds it open.
    pub async fn create_room(&self, room: &RoomName) -> Result<(), CallError> {
        let request = proto::CreateRoomRequest {
            name: room.into(),
            empty_timeout: EMPTY_TIMEOUT_SECONDS,
            departure_timeout: DEPARTURE_TIMEOUT_SECONDS,
            ..Default::default()
        };
        let now = (self.wall_clock)();
        let created = self
            .client
            .call(room_service::CREATE_ROOM, Grant::CreateRooms, &request, now)
            .await?;
        tracing::debug!(%room, sid = created.sid, "the room is open");
        Ok(())
    }
}

impl Presence for LiveKit {
    fn find<'a>(
        &'a self,
        room: &'a RoomName,
        identity: &'a Identity,
    ) -> BoxFuture<'a, Result<Option<ParticipantSid>, PresenceUnknown>> {
        Box::pin(async move {
            let request = proto::RoomParticipantIdentity {
                room: room.into(),
                identity: identity.into(),
                ..Default::default()
            };
            let grant = Grant::Room(room.as_str());
            let now = (self.wall_clock)();
            let found = self
                .client
                .call(room_service::GET_PARTICIPANT, grant, &request, now)
                .await;
            match found {
                Ok(found) => Ok(Some(ParticipantSid::new(&found.sid))),
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => Err(PresenceUnknown(error.to_string())),
            }
        })
    }
}
