//! The recorder's way into its room. It must not make the room.

use std::time::Duration;

use livekit_client::{CallError, Grant, room_service};
use livekit_wire::{
    Claims, VideoGrants,
    proto::{ListRoomsRequest, Room},
};
use participant::{Events, JoinOptions, Participant, Receive};
use tokio::time::{Instant, sleep};

use super::Shared;

/// As long as the original's.
const TOKEN_LIFE: Duration = Duration::from_hours(24);
/// A server that restarts is waited for so long.
const JOIN_WITHIN: Duration = Duration::from_mins(1);
/// Who was in a call comes back to a server that has restarted within this, and the call's room with them.
const ROOM_BACK_WITHIN: Duration = Duration::from_secs(20);
const JOIN_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Why the recorder is not in its room.
#[derive(Debug, thiserror::Error)]
pub enum NotJoined {
    #[error("requested room does not exist")]
    NoRoom,
    #[error("stopped")]
    Stopped,
    #[error("cannot join the room: {0}")]
    Failed(String),
}

impl NotJoined {
    /// As callers are told.
    pub fn code(&self) -> i32 {
        match self {
            NotJoined::NoRoom => 404,
            NotJoined::Stopped => 412,
            NotJoined::Failed(_) => 500,
        }
    }
}

/// Joins, however often it takes. `again`: after an interruption, which may have been the room's as well.
pub async fn join(
    shared: &Shared,
    room: &str,
    id: &str,
    again: bool,
) -> Result<(Participant, Events), NotJoined> {
    let begun = Instant::now();
    loop {
        let error = match find_room(shared, room).await {
            Ok(None) if again && begun.elapsed() < ROOM_BACK_WITHIN => {
                NotJoined::NoRoom.to_string()
            }
            Ok(None) => return Err(NotJoined::NoRoom),
            Ok(Some(_)) => match enter(shared, room, id).await {
                Ok(joined) => return Ok(joined),
                Err(error) => error,
            },
            Err(error) => error.to_string(),
        };
        if begun.elapsed() >= JOIN_WITHIN {
            return Err(NotJoined::Failed(error));
        }
        tracing::info!(error, egress = id, room, "not in the room yet");
        sleep(JOIN_AGAIN_AFTER).await;
    }
}

/// The room of this name, if it is live.
pub async fn find_room(shared: &Shared, room: &str) -> Result<Option<Room>, CallError> {
    let request = ListRoomsRequest {
        names: vec![room.to_owned()],
    };
    let listed = shared
        .client
        .call(
            room_service::LIST_ROOMS,
            Grant::ListRooms,
            &request,
            (shared.wall_clock)(),
        )
        .await?;
    Ok(listed.rooms.into_iter().next())
}

async fn enter(shared: &Shared, room: &str, id: &str) -> Result<(Participant, Events), String> {
    let claims = Claims {
        identity: id.to_owned(),
        kind: "egress".to_owned(),
        video: Some(VideoGrants {
            room_join: true,
            room: room.to_owned(),
            can_subscribe: Some(true),
            can_publish: Some(false),
            can_publish_data: Some(false),
            hidden: true,
            recorder: true,
            ..VideoGrants::default()
        }),
        ..Claims::default()
    };
    let token = shared
        .endpoint
        .sign(&claims, (shared.wall_clock)(), TOKEN_LIFE)
        .map_err(|error| error.to_string())?;
    let options = JoinOptions {
        auto_subscribe: false,
        receive: Receive::Frames,
        ..JoinOptions::default()
    };
    Participant::join(&shared.settings.ws_url, &token, options)
        .await
        .map_err(|error| error.to_string())
}
