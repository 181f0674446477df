//! Makes a room on the media server that is none of the site's.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use livekit_protocol as proto;
use serde::Deserialize;
use serde_json::json;
use utoipa::{ToSchema, openapi::Object};

use super::{
    error::LiveRoomError,
    model::{LONGEST_METADATA, LiveRoom, LiveRoomName},
    place, read,
};
use crate::{
    accounts::Admin,
    app::App,
    happenings::{self, Happening},
    http::{Json, Problem, openapi},
    rooms::caller::Caller,
};

/// In seconds: a day.
const LONGEST_TIMEOUT: u32 = 86_400;
/// More than any server holds in one room.
const MOST_PARTICIPANTS: u32 = 100_000;

fn timeout() -> Object {
    openapi::number_or_null(LONGEST_TIMEOUT)
}

fn participants() -> Object {
    openapi::number_or_null(MOST_PARTICIPANTS)
}

fn metadata() -> Object {
    openapi::or_null(openapi::text(0..=LONGEST_METADATA))
}

/// The room; what is left out, the media server decides.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateLiveRoom {
    #[garde(skip)]
    name: LiveRoomName,
    /// Seconds that it waits for the first participant.
    #[garde(range(max = LONGEST_TIMEOUT))]
    #[schema(schema_with = timeout)]
    empty_timeout: Option<u32>,
    /// Seconds that it stays after the last one left.
    #[garde(range(max = LONGEST_TIMEOUT))]
    #[schema(schema_with = timeout)]
    departure_timeout: Option<u32>,
    /// 0 = no limit
    #[garde(range(max = MOST_PARTICIPANTS))]
    #[schema(schema_with = participants)]
    max_participants: Option<u32>,
    #[garde(length(bytes, max = LONGEST_METADATA))]
    #[schema(schema_with = metadata)]
    metadata: Option<String>,
}

/// Makes a room on the media server; one that is live already is answered as it is.
#[utoipa::path(
    post, path = "/api/livekit/rooms", tag = "live-rooms", operation_id = "createLiveRoom",
    request_body = CreateLiveRoom,
    responses((status = 201, body = LiveRoom), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn create(
    State(app): State<App>,
    Admin(current): Admin,
    Json(input): Json<CreateLiveRoom>,
) -> Result<(StatusCode, Json<LiveRoom>), Problem> {
    let room = apply(&app, &Caller::user(current), input).await?;
    Ok((StatusCode::CREATED, Json(room)))
}

async fn apply(
    app: &App,
    caller: &Caller,
    input: CreateLiveRoom,
) -> Result<LiveRoom, LiveRoomError> {
    let place = place::find(app, &input.name, caller).await?;
    if place.own.is_some() {
        return Err(LiveRoomError::OwnRoom);
    }
    let request = proto::CreateRoomRequest {
        name: place.name.0,
        empty_timeout: input.empty_timeout.unwrap_or_default(),
        departure_timeout: input.departure_timeout.unwrap_or_default(),
        max_participants: input.max_participants.unwrap_or_default(),
        metadata: input.metadata.unwrap_or_default(),
        ..Default::default()
    };
    let room = app.livekit.open_room(&request, app.now()).await?;
    let created = Happening::LiveRoomCreated {
        name: &room.name,
        detail: json!({
            "empty_timeout": room.empty_timeout,
            "departure_timeout": room.departure_timeout,
            "max_participants": room.max_participants,
        }),
    };
    happenings::tell_alone(app, Some(&caller.actor()), None, &created).await?;
    read::show(app, caller, app.first_region(), room).await
}
