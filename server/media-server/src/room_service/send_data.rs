//! SendData: a user packet to some or all participants.

use livekit_wire::{
    RoomName,
    proto::{DataPacket, SendDataRequest, SendDataResponse, UserPacket, data_packet::Value},
    twirp::{Code, TwirpError},
};

use super::{errors::twirp_error, grants::Grants};
use crate::{
    app::App,
    ground::{Now, RoomError},
    room::Room,
};

/// A UUID, for receivers to tell repeated messages.
const NONCE: usize = 16;

pub(super) async fn send_data(
    app: &App,
    grants: &Grants,
    request: SendDataRequest,
) -> Result<SendDataResponse, TwirpError> {
    grants.ensure_admin(&request.room)?;
    let nonce = request.nonce.len();
    if nonce != 0 && nonce != NONCE {
        let msg = format!("nonce should be 16-bytes or not present, got: {nonce} bytes");
        return Err(TwirpError::new(Code::InvalidArgument, msg));
    }
    let room = RoomName::new(request.room.as_str());
    app.rooms
        .on_room(&room, move |room, now| send(room, request, now))
        .await
        .map_err(twirp_error)?;
    Ok(SendDataResponse {})
}

#[expect(deprecated, reason = "older SDKs still name sids")]
pub(crate) fn send(room: &mut Room, request: SendDataRequest, now: Now) -> Result<(), RoomError> {
    let nonce = request.nonce.clone();
    let packet = DataPacket {
        kind: request.kind,
        destination_identities: request.destination_identities.clone(),
        value: Some(Value::User(UserPacket {
            payload: request.data,
            destination_sids: request.destination_sids,
            destination_identities: request.destination_identities,
            topic: request.topic,
            nonce: request.nonce,
            ..UserPacket::default()
        })),
        ..DataPacket::default()
    };
    room.send_api_packet(packet, nonce, now)
}
