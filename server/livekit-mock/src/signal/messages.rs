//! The few messages the mock says: enough for a client to believe that it has joined.

use livekit_protocol::{
    DisconnectReason, JoinResponse, LeaveRequest, ParticipantInfo, Pong, ReconnectResponse,
    RequestResponse, Room, ServerInfo, participant_info, request_response::Reason, server_info,
    signal_response::Message,
};
use livekit_wire::Claims;

/// Seconds; short, so that tests of timeouts are.
const PING_INTERVAL: i32 = 1;
const PING_TIMEOUT: i32 = 3;
const VERSION: &str = "mock";

pub(super) fn join(region: &str, claims: &Claims) -> Message {
    let room = claims.video.as_ref().map(|video| video.room.clone());
    let identity = match claims.identity.as_str() {
        "" => "mock-participant",
        identity => identity,
    };
    Message::Join(JoinResponse {
        room: Some(Room {
            sid: "RM_MOCK".to_owned(),
            name: room.unwrap_or_default(),
            ..Room::default()
        }),
        participant: Some(ParticipantInfo {
            sid: "PA_MOCK".to_owned(),
            identity: identity.to_owned(),
            name: claims.name.clone(),
            state: participant_info::State::Joined.into(),
            ..ParticipantInfo::default()
        }),
        ping_interval: PING_INTERVAL,
        ping_timeout: PING_TIMEOUT,
        server_info: Some(server_info(region)),
        server_version: VERSION.to_owned(),
        server_region: region.to_owned(),
        ..JoinResponse::default()
    })
}

pub(super) fn reconnect(region: &str) -> Message {
    Message::Reconnect(ReconnectResponse {
        server_info: Some(server_info(region)),
        ..ReconnectResponse::default()
    })
}

pub(super) fn leave(action: i32) -> Message {
    Message::Leave(LeaveRequest {
        reason: DisconnectReason::ServerShutdown.into(),
        action,
        ..LeaveRequest::default()
    })
}

pub(super) fn pong(last_ping_timestamp: i64, now: i64) -> Message {
    Message::PongResp(Pong {
        last_ping_timestamp,
        timestamp: now,
    })
}

/// The request has reached the server.
pub(super) fn acknowledged(request_id: u32) -> Message {
    Message::RequestResponse(RequestResponse {
        request_id,
        reason: Reason::Ok.into(),
        ..RequestResponse::default()
    })
}

fn server_info(region: &str) -> ServerInfo {
    ServerInfo {
        edition: server_info::Edition::Standard.into(),
        version: VERSION.to_owned(),
        protocol: 15,
        region: region.to_owned(),
        node_id: "MOCK_NODE".to_owned(),
        ..ServerInfo::default()
    }
}
