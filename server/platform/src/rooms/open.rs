//! Opens a room on the media server; a room that is open already stays as it is.

use thiserror::Error;

use super::{
    model::Slug,
    region,
    store::{self, RoomRow},
};
use crate::{
    app::App,
    db::DbError,
    http::Problem,
    livekit::{
        LiveKit, LiveKitError,
        room_service::{Beginning, ComingAgent, RoomName},
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

impl From<OpenRoomError> for Problem {
    fn from(error: OpenRoomError) -> Problem {
        match error {
            OpenRoomError::Media(cause) => cause.into(),
            OpenRoomError::Internal(cause) => cause.into(),
        }
    }
}

/// Opens the room with this name, if it is one of ours.
pub async fn open_by_name(app: &App, name: &RoomName) -> Result<(), OpenRoomError> {
    match store::by_id(&app.db, "", &name.0).await? {
        Some(room) => {
            let livekit = region::livekit_of(app, name).await?;
            open(app, livekit, &room).await
        }
        None => Ok(()),
    }
}

/// What the room with this link is called on the media server.
pub async fn media_name(app: &App, slug: &Slug) -> Result<Option<RoomName>, DbError> {
    let room = store::by_slug(&app.db, "", slug).await?;
    Ok(room.map(|room| room.id.livekit_name()))
}

/// Without a limit of its own: the media server counts connections and keeps the limit of the moment when the room was
/// opened, where `seats` counts people as the room is set now. It would keep out the owner, who always gets in.
pub async fn open(app: &App, livekit: &LiveKit, room: &RoomRow) -> Result<(), OpenRoomError> {
    let agents = store::agents(&app.db, room.id).await?;
    let agents = agents.into_iter().map(|agent| ComingAgent {
        agent_name: agent.agent_name,
        metadata: agent.metadata,
    });
    let beginning = Beginning {
        max_participants: 0,
        empty_timeout: EMPTY_TIMEOUT,
        departure_timeout: DEPARTURE_TIMEOUT,
        agents: agents.collect(),
    };
    livekit
        .create_room(&room.id.livekit_name(), beginning, app.now())
        .await?;
    Ok(())
}
