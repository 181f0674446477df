//! The room of a stream key: of ours it is opened as we want it, before an encoder opens it by coming in.

use std::ops::RangeInclusive;

use crate::{
    app::App,
    livekit::{LiveKitError, ingress::IngressError, room_service::RoomName},
    rooms::{self, OpenRoomError},
};

// LiveKit's have twelve letters or digits, those of the built-in server 24.
const KEY_LENGTHS: RangeInclusive<usize> = 8..=64;

/// Opens the room that an ingress with this key publishes into, if both are there.
pub async fn open_room_of(app: &App, stream_key: &str) -> Result<(), OpenRoomError> {
    // Anybody may try: what cannot be a key costs no listing.
    let is_key = KEY_LENGTHS.contains(&stream_key.len())
        && stream_key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_key {
        return Ok(());
    }
    let found = match app.livekit.ingresses(app.now()).await {
        Ok(found) => found,
        Err(IngressError::Media(
            cause @ (LiveKitError::Unreachable(_) | LiveKitError::Timeout),
        )) => {
            return Err(cause.into());
        }
        // The media server says itself that it has no such key.
        Err(_) => return Ok(()),
    };
    let ingress = found.into_iter().find(|info| info.stream_key == stream_key);
    match ingress {
        Some(info) => rooms::open_by_name(app, &RoomName(info.room_name)).await,
        None => Ok(()),
    }
}
