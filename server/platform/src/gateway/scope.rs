//! Which rooms a call is about: what LiveKit lets any token of a grant do, a key that is limited to rooms may do there only.

use bytes::Bytes;
use http::HeaderValue;
use livekit_client::ForeignAnswer;
use livekit_protocol as proto;
use livekit_wire::{
    Encoding,
    twirp::{AsJson, TwirpError, decode_request},
};
use prost::Message;
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::error::GatewayError;
use crate::{
    api_keys::{ApiKeyGrant, ProgramToken, TokenRefused},
    app::App,
    livekit::connection_check::is_throw_away,
};

/// A program's call as it came.
#[derive(Debug)]
pub struct Call<'a> {
    /// Such as `livekit.RoomService`.
    pub service: &'a str,
    pub method: &'a str,
    pub encoding: Encoding,
    pub body: Bytes,
}

/// What a call is about.
#[derive(Debug, PartialEq, Eq)]
enum About {
    /// This room, and the grant in the token says so: LiveKit itself refuses others.
    RoomOfToken,
    /// This room, whatever the token says.
    Room(String),
    /// The rooms that are live; the answer is cut.
    LiveRooms,
    /// The room of this egress.
    Egress(String),
    /// No room, or more than one.
    Server,
}

/// Why a call of a limited key is refused.
#[derive(Debug, Error)]
#[error("this API key is limited to rooms, and the call is not about one of them")]
pub struct OutOfScope;

/// Refuses what the program's key may not do though its token grants it.
pub async fn check(app: &App, program: &ProgramToken, call: &Call<'_>) -> Result<(), GatewayError> {
    if asks_for_egress(call)? && !program.api_key.grants.allows(ApiKeyGrant::RoomRecord) {
        return Err(TokenRefused::Beyond(ApiKeyGrant::RoomRecord).into());
    }
    if program.api_key.rooms.is_none() {
        return Ok(());
    }
    let room = match about(call)? {
        About::RoomOfToken => program.room().to_owned(),
        About::Room(room) => room,
        About::LiveRooms => return Ok(()),
        About::Egress(id) => room_of_egress(app, &id).await?,
        About::Server => return Err(OutOfScope.into()),
    };
    if room.is_empty() || !program.api_key.may_touch(&room) {
        return Err(OutOfScope.into());
    }
    Ok(())
}

/// A room that is recorded from its first moment on is made under a grant for rooms only.
fn asks_for_egress(call: &Call<'_>) -> Result<bool, TwirpError> {
    if (call.service, call.method) != ("livekit.RoomService", "CreateRoom") {
        return Ok(false);
    }
    let request: proto::CreateRoomRequest = read(call)?;
    Ok(request.egress.is_some())
}

fn about(call: &Call<'_>) -> Result<About, TwirpError> {
    Ok(match (call.service, call.method) {
        ("livekit.RoomService", "ListRooms") => About::LiveRooms,
        ("livekit.RoomService", "CreateRoom") => {
            About::Room(read::<proto::CreateRoomRequest>(call)?.name)
        }
        ("livekit.RoomService", "DeleteRoom") => {
            About::Room(read::<proto::DeleteRoomRequest>(call)?.room)
        }
        ("livekit.RoomService" | "livekit.AgentDispatchService", _) => About::RoomOfToken,
        ("livekit.Egress", method) => egress(method, call)?,
        _ => About::Server,
    })
}

fn egress(method: &str, call: &Call<'_>) -> Result<About, TwirpError> {
    Ok(match method {
        "StartEgress" => About::Room(read::<proto::StartEgressRequest>(call)?.room_name),
        "StartRoomCompositeEgress" => {
            About::Room(read::<proto::RoomCompositeEgressRequest>(call)?.room_name)
        }
        "StartParticipantEgress" => {
            About::Room(read::<proto::ParticipantEgressRequest>(call)?.room_name)
        }
        "StartTrackCompositeEgress" => {
            About::Room(read::<proto::TrackCompositeEgressRequest>(call)?.room_name)
        }
        "StartTrackEgress" => About::Room(read::<proto::TrackEgressRequest>(call)?.room_name),
        "ListEgress" => {
            let request: proto::ListEgressRequest = read(call)?;
            if request.egress_id.is_empty() {
                About::Room(request.room_name)
            } else {
                About::Egress(request.egress_id)
            }
        }
        "UpdateLayout" => About::Egress(read::<proto::UpdateLayoutRequest>(call)?.egress_id),
        "UpdateStream" => About::Egress(read::<proto::UpdateStreamRequest>(call)?.egress_id),
        "StopEgress" => About::Egress(read::<proto::StopEgressRequest>(call)?.egress_id),
        _ => About::Server,
    })
}

async fn room_of_egress(app: &App, id: &str) -> Result<String, GatewayError> {
    let Some(recorder) = &app.recorder else {
        return Err(OutOfScope.into());
    };
    match recorder.find(id, app.now()).await {
        Ok(found) => Ok(found.ok_or(OutOfScope)?.room_name),
        Err(error) => Err(GatewayError::Recorder(error)),
    }
}

/// What of LiveKit's answer the program's key may see.
pub fn seen_by(
    program: &ProgramToken,
    call: &Call<'_>,
    answer: ForeignAnswer,
) -> Result<ForeignAnswer, GatewayError> {
    let listed = (call.service, call.method) == ("livekit.RoomService", "ListRooms");
    if !listed {
        return Ok(answer);
    }
    let mut rooms: proto::ListRoomsResponse = decode_request(call.encoding, &answer.body)?;
    let all = rooms.rooms.len();
    rooms
        .rooms
        .retain(|room| program.api_key.may_touch(&room.name) && !is_throw_away(&room.name));
    if rooms.rooms.len() == all {
        return Ok(answer);
    }
    let body = match call.encoding {
        Encoding::Protobuf => rooms.encode_to_vec(),
        Encoding::Json => serde_json::to_vec(&AsJson(&rooms)).map_err(GatewayError::Unwritable)?,
    };
    Ok(ForeignAnswer {
        content_type: Some(HeaderValue::from_static(call.encoding.content_type())),
        body: body.into(),
        ..answer
    })
}

fn read<M: Message + Default + DeserializeOwned>(call: &Call<'_>) -> Result<M, TwirpError> {
    decode_request(call.encoding, &call.body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about_of(service: &str, method: &str, body: &str) -> About {
        about(&Call {
            service,
            method,
            encoding: Encoding::Json,
            body: Bytes::copy_from_slice(body.as_bytes()),
        })
        .unwrap()
    }

    #[test]
    fn every_call_is_about_a_room_or_closed_to_limited_keys() {
        let room = |name: &str| About::Room(name.to_owned());
        for (service, method, body, what) in [
            (
                "livekit.RoomService",
                "CreateRoom",
                r#"{"name":"a"}"#,
                room("a"),
            ),
            (
                "livekit.RoomService",
                "DeleteRoom",
                r#"{"room":"a"}"#,
                room("a"),
            ),
            ("livekit.RoomService", "ListRooms", "{}", About::LiveRooms),
            (
                "livekit.RoomService",
                "MutePublishedTrack",
                "{}",
                About::RoomOfToken,
            ),
            (
                "livekit.Egress",
                "StartRoomCompositeEgress",
                r#"{"roomName":"a"}"#,
                room("a"),
            ),
            ("livekit.Egress", "StartWebEgress", "{}", About::Server),
            (
                "livekit.Egress",
                "ListEgress",
                r#"{"room_name":"a"}"#,
                room("a"),
            ),
            ("livekit.Egress", "ListEgress", "{}", room("")),
            (
                "livekit.Egress",
                "StopEgress",
                r#"{"egress_id":"EG_1"}"#,
                About::Egress("EG_1".to_owned()),
            ),
            ("livekit.SIP", "ListSIPInboundTrunk", "{}", About::Server),
            (
                "livekit.Ingress",
                "CreateIngress",
                r#"{"room_name":"a"}"#,
                About::Server,
            ),
            ("livekit.Future", "Anything", "{}", About::Server),
        ] {
            assert_eq!(about_of(service, method, body), what, "{service}/{method}");
        }
    }
}
