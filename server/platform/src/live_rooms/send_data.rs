//! Sends a message of the server's to participants of a live room.

use axum::extract::State;
use base64::{Engine, engine::general_purpose::STANDARD};
use garde::Validate;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use utoipa::{ToSchema, openapi::Object};

use super::{
    error::LiveRoomError,
    model::LiveRoomName,
    place::{self, Place},
};
use crate::{
    accounts::ModeratesRooms,
    app::App,
    happenings::{self, Happening},
    http::{Json, Path, Problem, openapi},
    livekit::{LiveKitError, any_room::DataPacket, identity::Identity},
    rooms::caller::Caller,
};

/// In bytes: a data channel carries no more in one message everywhere.
const LONGEST_PAYLOAD: usize = 15 * 1024;
const LONGEST_TOPIC: usize = 256;
const MOST_RECEIVERS: usize = 100;

fn payload() -> Object {
    openapi::text(1..=LONGEST_PAYLOAD).build()
}

fn topic() -> Object {
    openapi::or_null(openapi::text(0..=LONGEST_TOPIC))
}

/// The message.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendLiveData {
    /// What is sent: this text, or with `base64` what it encodes.
    #[garde(length(bytes, min = 1, max = LONGEST_PAYLOAD))]
    #[schema(schema_with = payload)]
    payload: String,
    #[garde(skip)]
    #[serde(default)]
    base64: bool,
    /// By which clients tell messages apart.
    #[garde(length(bytes, max = LONGEST_TOPIC))]
    #[schema(schema_with = topic)]
    topic: Option<String>,
    /// Over the channel that may lose some, instead of the one that sends them again.
    #[garde(skip)]
    #[serde(default)]
    lossy: bool,
    /// Everybody, where empty.
    #[garde(length(max = MOST_RECEIVERS))]
    #[serde(default)]
    #[schema(max_items = 100)]
    to: Vec<Identity>,
}

/// Sends data to participants of a live room.
#[utoipa::path(
    post, path = "/api/livekit/rooms/{name}/data", tag = "live-rooms", operation_id = "sendLiveData",
    params(("name" = LiveRoomName, Path)), request_body = SendLiveData,
    responses((status = 204), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn send_data(
    State(app): State<App>,
    ModeratesRooms(current): ModeratesRooms,
    Path(name): Path<LiveRoomName>,
    Json(input): Json<SendLiveData>,
) -> Result<StatusCode, Problem> {
    let caller = Caller::user(current);
    let place = place::find(&app, &name, &caller).await?;
    apply(&app, &caller, &place, &input).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn apply(
    app: &App,
    caller: &Caller,
    place: &Place,
    input: &SendLiveData,
) -> Result<(), LiveRoomError> {
    let payload = if input.base64 {
        STANDARD
            .decode(&input.payload)
            .map_err(|_| LiveRoomError::NotBase64)?
    } else {
        input.payload.clone().into_bytes()
    };
    let packet = DataPacket {
        payload: &payload,
        topic: input.topic.as_deref(),
        reliable: !input.lossy,
        to: &input.to,
    };
    let sent = place.livekit(app).send_data(&place.name, packet, app.now());
    match sent.await {
        Ok(()) => {}
        Err(LiveKitError::NotFound) => return Err(LiveRoomError::NotLive),
        Err(error) => return Err(error.into()),
    }
    let sent = Happening::LiveDataSent {
        room: &place.name.0,
        // What was said is no business of the record.
        detail: json!({
            "topic": input.topic, "bytes": payload.len(), "to": input.to,
        }),
    };
    let by = caller.actor();
    happenings::tell_alone(app, Some(&by), place.own.as_ref(), &sent).await?;
    Ok(())
}
