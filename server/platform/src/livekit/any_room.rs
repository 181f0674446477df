//! RoomService for any room that is live, also one that a program made. It must not know whose room it is.

use livekit_client::{Grant, room_service};
use livekit_protocol as proto;

use super::{LiveKit, LiveKitError, identity::Identity, room_service::RoomName};
use crate::clock::Timestamp;

impl LiveKit {
    /// Makes the room as it is asked for, or finds it as it is.
    pub async fn open_room(
        &self,
        request: &proto::CreateRoomRequest,
        now: Timestamp,
    ) -> Result<proto::Room, LiveKitError> {
        self.call(room_service::CREATE_ROOM, Grant::CreateRooms, request, now)
            .await
    }

    /// The room, if it is live.
    pub async fn find_room(
        &self,
        room: &RoomName,
        now: Timestamp,
    ) -> Result<Option<proto::Room>, LiveKitError> {
        let request = proto::ListRoomsRequest {
            names: vec![room.0.clone()],
        };
        let answer = self
            .call(room_service::LIST_ROOMS, Grant::ListRooms, &request, now)
            .await?;
        Ok(answer.rooms.into_iter().find(|found| found.name == room.0))
    }

    /// Replaces the room's metadata.
    pub async fn set_room_metadata(
        &self,
        room: &RoomName,
        metadata: &str,
        now: Timestamp,
    ) -> Result<proto::Room, LiveKitError> {
        let request = proto::UpdateRoomMetadataRequest {
            room: room.0.clone(),
            metadata: metadata.to_owned(),
        };
        self.call(
            room_service::UPDATE_ROOM_METADATA,
            Grant::Room(&room.0),
            &request,
            now,
        )
        .await
    }

    /// Changes of a participant what the request sets: empty texts and a missing permission stay as they are.
    pub async fn update_participant(
        &self,
        request: &proto::UpdateParticipantRequest,
        now: Timestamp,
    ) -> Result<proto::ParticipantInfo, LiveKitError> {
        self.call(
            room_service::UPDATE_PARTICIPANT,
            Grant::Room(&request.room),
            request,
            now,
        )
        .await
    }

    /// Sends data to these participants, or to everybody where none is named.
    pub async fn send_data(
        &self,
        room: &RoomName,
        packet: DataPacket<'_>,
        now: Timestamp,
    ) -> Result<(), LiveKitError> {
        let kind = if packet.reliable {
            proto::data_packet::Kind::Reliable
        } else {
            proto::data_packet::Kind::Lossy
        };
        let request = proto::SendDataRequest {
            room: room.0.clone(),
            data: packet.payload.to_owned(),
            kind: kind.into(),
            destination_identities: packet.to.iter().map(Identity::to_string).collect(),
            topic: packet.topic.map(str::to_owned),
            ..Default::default()
        };
        self.call(room_service::SEND_DATA, Grant::Room(&room.0), &request, now)
            .await?;
        Ok(())
    }
}

/// A message of the server's to participants.
#[derive(Debug, Clone, Copy)]
pub struct DataPacket<'a> {
    pub payload: &'a [u8],
    pub topic: Option<&'a str>,
    /// In order and sent again where it got lost.
    pub reliable: bool,
    /// Everybody, where empty.
    pub to: &'a [Identity],
}
