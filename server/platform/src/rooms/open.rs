//! Opens a room on the media server, with the seats it has; a room that is open already stays as it is.

use thiserror::Error;

use super::store::{self, RoomRow};
use crate::{
    app::App,
    db::DbError,
    livekit::{
        LiveKitError,
        room_service::{RoomLimits, RoomName},
    },
};

// A page that reloads finds its call; LiveKit's own default.
const DEPARTURE_TIMEOUT: u32 = 20;
const EMPTY_TIMEOUT: u32 = 300;

/// Why a room cannot be opened.
#[derive(Debug, Error)]
pub enum OpenRoomError {
    #[error(transparent)]
    Media(#[from] LiveKitError),
    #[error(transparent)]
    Internal(#[from] DbError),
}

/// Opens the room with this name, if it is one of ours.
pub async fn open_by_name(app: &App, name: &RoomName) -> Result<(), OpenRoomError> {
    match store::by_id(&app.db, "", &name.0).await? {
        Some(room) => open(app, &room).await,
        None => Ok(()),
    }
}

/// The media server's own limit is the last line of defence: it counts connections where `seats` counts people, and
/// leaves room for those who always get in and for everybody's second device.
pub async fn open(app: &App, room: &RoomRow) -> Result<(), OpenRoomError> {
    let seats = match room.max_participants {
        0 => 0,
        seats => {
            let moderators = store::moderators(&app.db, room.id).await?.len();
            let moderators = i64::try_from(moderators).unwrap_or(i64::MAX);
            let always = moderators.saturating_add(1);
            u32::try_from(seats.saturating_add(always).saturating_mul(2)).unwrap_or(u32::MAX)
        }
    };
    let limits = RoomLimits {
        max_participants: seats,
        empty_timeout: EMPTY_TIMEOUT,
        departure_timeout: DEPARTURE_TIMEOUT,
    };
    app.livekit
        .create_room(&room.id.livekit_name(), limits, app.now())
        .await?;
    Ok(())
}
