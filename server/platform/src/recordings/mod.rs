//! Recordings: films of rooms' calls, from the button in the call to the file that is kept.

mod access;
mod delete;
mod hear;
mod list;
mod list_own;
mod model;
mod read;
mod reconcile;
mod start;
mod state;
mod stop;
mod store;
#[cfg(test)]
mod tests;
mod told;
mod update;
mod view;

use std::collections::HashMap;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use hear::hear_alone;
pub use model::{ActiveRecording, RecordingFault, RecordingId, RecordingTitle};
pub use reconcile::reconcile;

use crate::{
    app::App,
    config::{Config, RecordingEngine},
    db::{DbError, Executor},
    livekit::{Endpoint, Media},
    rooms::{RoomId, Viewer},
};

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, start::start))
        .routes(routes!(list_own::list_own))
        .routes(routes!(read::read, update::update, delete::delete))
        .routes(routes!(stop::stop))
}

/// Who records, where anybody does.
pub fn recorder<'a>(config: &Config, media: &'a Media) -> Option<&'a Endpoint> {
    if !config.recordings.enabled {
        return None;
    }
    match config.recordings.engine {
        RecordingEngine::BuiltIn => media.recorder.as_ref(),
        RecordingEngine::Endpoint => Some(&media.endpoint),
        RecordingEngine::Auto => {
            let cluster = config.livekit.external.then_some(&media.endpoint);
            media.recorder.as_ref().or(cluster)
        }
    }
}

/// Whether somebody may start a recording in a room now, as far as the room and the server go.
pub fn may_start(app: &App, viewer: Viewer) -> bool {
    app.recorder.is_some() && viewer.records()
}

/// The recordings that go on in these rooms.
pub async fn active(
    db: impl Into<Executor<'_>>,
    rooms: &[RoomId],
) -> Result<HashMap<RoomId, ActiveRecording>, DbError> {
    if rooms.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = store::active_of(db, rooms).await?;
    let active = rows.into_iter().map(|row| {
        let active = ActiveRecording {
            id: row.id,
            state: row.state,
            audio_only: row.audio_only,
            started_at: row.started_at,
        };
        (row.room_id, active)
    });
    Ok(active.collect())
}
