//! The room of a stream key: of ours it is opened as we want it, before an encoder opens it by coming in; and one that is
//! deleted or locked, or whoever is banned, stays outside.

use std::ops::RangeInclusive;

use livekit_protocol as proto;
use thiserror::Error;

use crate::{
    app::App,
    db::DbError,
    livekit::{LiveKitError, identity::Identity, ingress::IngressError, room_service::RoomName},
    moderation::{self, Unwelcome},
    rooms::{self, OpenRoomError, region},
};

// LiveKit's have twelve letters or digits, those of the built-in server 24.
const KEY_LENGTHS: RangeInclusive<usize> = 8..=64;

/// Why an encoder is not let in.
#[derive(Debug, Error)]
pub enum StreamRefused {
    #[error(transparent)]
    Unwelcome(#[from] Unwelcome),
    #[error(transparent)]
    Open(#[from] OpenRoomError),
}

impl From<LiveKitError> for StreamRefused {
    fn from(error: LiveKitError) -> StreamRefused {
        OpenRoomError::from(error).into()
    }
}

impl From<DbError> for StreamRefused {
    fn from(error: DbError) -> StreamRefused {
        OpenRoomError::from(error).into()
    }
}

/// Opens the room that an ingress with this key publishes into, if both are there.
pub async fn open_room_of(app: &App, stream_key: &str) -> Result<(), StreamRefused> {
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
        Some(info) => let_in(app, info).await,
        None => Ok(()),
    }
}

async fn let_in(app: &App, info: proto::IngressInfo) -> Result<(), StreamRefused> {
    let room = RoomName(info.room_name);
    if let Ok(identity) = info.participant_identity.parse::<Identity>() {
        let case = rooms::case(&mut app.db.reads().await?, &room, &identity).await?;
        if let Some(reason) = case.and_then(|case| moderation::judge_stream(&case, &identity)) {
            return Err(reason.into());
        }
    }
    if region::is_elsewhere(app, &room).await? {
        return Err(Unwelcome::OtherRegion.into());
    }
    Ok(rooms::open_by_name(app, &room).await?)
}
