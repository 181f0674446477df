//! The Egress service: who may record is let through to the server that records, in its own words both ways. It must not
//! know how a recording is made.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
};
use http::header::CONTENT_TYPE;
use livekit_wire::{
    RoomName,
    proto::{
        ParticipantEgressRequest, RoomCompositeEgressRequest, StartEgressRequest,
        TrackCompositeEgressRequest, TrackEgressRequest,
    },
    twirp::{Code, TwirpError, decode_request},
};

use super::{
    call::{Call, no_handler},
    errors::twirp_error,
};
use crate::{
    app::App,
    egress::{Answer, StartError},
    ground::RoomError,
};

const METHODS: [&str; 10] = [
    "StartEgress",
    "UpdateLayout",
    "UpdateStream",
    "ListEgress",
    "StopEgress",
    "StartRoomCompositeEgress",
    "StartWebEgress",
    "StartParticipantEgress",
    "StartTrackCompositeEgress",
    "StartTrackEgress",
];

pub(super) async fn egress(
    State(app): State<Arc<App>>,
    Path(method): Path<String>,
    request: Request,
) -> Response {
    let call = match Call::receive(app, request).await {
        Ok(call) => call,
        Err(response) => return response,
    };
    match forward(call, &method).await {
        Ok(answer) => pass_on(answer),
        Err(error) => error.into_response(),
    }
}

async fn forward(call: Call, method: &str) -> Result<Answer, TwirpError> {
    if !METHODS.contains(&method) {
        return Err(no_handler(&call));
    }
    call.grants.ensure_record()?;
    let client = call.app.egress.as_ref().ok_or_else(not_connected)?;
    if let Some(room) = room_of(&call, method)?
        && !call.app.rooms.room_exists(&room).await
    {
        return Err(twirp_error(RoomError::RoomNotFound));
    }
    client
        .forward(method, call.encoding, call.body)
        .await
        .map_err(|error| not_started(error.into()))
}

fn pass_on(answer: Answer) -> Response {
    let mut response = (answer.status, answer.body).into_response();
    response.headers_mut().remove(CONTENT_TYPE);
    if let Some(content_type) = answer.content_type {
        response.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    response
}

/// The original's words for a node without workers.
pub(super) fn not_connected() -> TwirpError {
    TwirpError::domain(Code::Internal, "egress not connected (redis required)")
}

pub(super) fn not_started(error: StartError) -> TwirpError {
    match error {
        StartError::NoAnswer(error) => TwirpError::domain(Code::Unavailable, error),
        StartError::Refused { code, message } => TwirpError::new(code, message),
    }
}

/// The room that is to be recorded: it must be open before the recorder is asked (service/egress.go StartEgress).
fn room_of(call: &Call, method: &str) -> Result<Option<RoomName>, TwirpError> {
    let (encoding, body) = (call.encoding, &call.body);
    let name = match method {
        "StartEgress" => decode_request::<StartEgressRequest>(encoding, body)?.room_name,
        "StartRoomCompositeEgress" => {
            decode_request::<RoomCompositeEgressRequest>(encoding, body)?.room_name
        }
        "StartParticipantEgress" => {
            decode_request::<ParticipantEgressRequest>(encoding, body)?.room_name
        }
        "StartTrackCompositeEgress" => {
            decode_request::<TrackCompositeEgressRequest>(encoding, body)?.room_name
        }
        "StartTrackEgress" => decode_request::<TrackEgressRequest>(encoding, body)?.room_name,
        _ => return Ok(None),
    };
    Ok((!name.is_empty()).then(|| RoomName::new(name.as_str())))
}
