//! Changes a live room's metadata.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use utoipa::{ToSchema, openapi::Object};

use super::{
    error::LiveRoomError,
    model::{LONGEST_METADATA, LiveRoom, LiveRoomName},
    place, read,
};
use crate::{
    accounts::ModeratesRooms,
    app::App,
    happenings::{self, Happening},
    http::{Json, Path, Problem, openapi},
    livekit::LiveKitError,
    rooms::caller::Caller,
};

fn metadata() -> Object {
    openapi::text(0..=LONGEST_METADATA).build()
}

/// What the room is to say of itself.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateLiveRoom {
    /// Everybody in the room gets it.
    #[garde(length(bytes, max = LONGEST_METADATA))]
    #[schema(schema_with = metadata)]
    metadata: String,
}

/// Replaces a live room's metadata.
#[utoipa::path(
    patch, path = "/api/livekit/rooms/{name}", tag = "live-rooms", operation_id = "updateLiveRoom",
    params(("name" = LiveRoomName, Path)), request_body = UpdateLiveRoom,
    responses((status = 200, body = LiveRoom), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn update(
    State(app): State<App>,
    ModeratesRooms(current): ModeratesRooms,
    Path(name): Path<LiveRoomName>,
    Json(input): Json<UpdateLiveRoom>,
) -> Result<Json<LiveRoom>, Problem> {
    let caller = Caller::user(current);
    Ok(Json(apply(&app, &caller, &name, &input.metadata).await?))
}

async fn apply(
    app: &App,
    caller: &Caller,
    name: &LiveRoomName,
    metadata: &str,
) -> Result<LiveRoom, LiveRoomError> {
    let place = place::find(app, name, caller).await?;
    let set = place
        .livekit(app)
        .set_room_metadata(&place.name, metadata, app.now());
    let room = match set.await {
        Ok(room) => room,
        Err(LiveKitError::NotFound) => return Err(LiveRoomError::NotLive),
        Err(error) => return Err(error.into()),
    };
    let updated = Happening::LiveRoomUpdated {
        name: &place.name.0,
        metadata_bytes: metadata.len(),
    };
    let by = caller.actor();
    happenings::tell_alone(app, Some(&by), place.own.as_ref(), &updated).await?;
    read::show(app, caller, place.region(app), room).await
}
