//! Recordings: films of rooms' calls, from the button in the call to the file that is kept.

mod access;
mod admin;
mod bulk;
mod condition;
mod delete;
mod hear;
mod keeping;
mod listing;
mod look_after;
mod marks;
mod media;
mod model;
mod of_meeting;
mod pieces;
mod poster;
mod preview;
mod ranged;
mod read;
mod reconcile;
mod recorder;
mod remove;
mod room_to_record;
mod shares;
mod space;
mod start;
mod state;
mod stop;
mod store;
#[cfg(test)]
mod tests;
mod told;
mod tracks;
mod transfer;
mod update;
mod view;

use std::collections::HashMap;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use admin::{AdminRecording, ListAllRecordings, page};
pub use condition::{Condition, RecordingsOverview, Trouble, check, counted, overview, trouble};
pub use hear::hear_alone;
pub use keeping::{LONGEST as LONGEST_KEPT, allows as may_keep, days as kept_days};
pub use look_after::{delete_old, find_lost, sweep};
pub use model::{ActiveRecording, RecordingFault, RecordingId, RecordingTitle};
pub use of_meeting::{OfMeeting, count_of_meetings, of_meeting};
pub use reconcile::reconcile;
pub use recorder::recorder;
pub use remove::RemoveFiles;
pub use stop::stop_egress;
pub use transfer::{ForgetFiles, Transfer, take_up};

use crate::{
    app::App,
    db::{DbError, Executor},
    rooms::{RoomId, Viewer},
};

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(listing::routes())
        .routes(routes!(read::read, update::update, delete::delete))
        .routes(routes!(space::space))
        .routes(routes!(stop::stop))
        .routes(routes!(marks::timeline::timeline))
        .routes(routes!(bulk::delete::delete))
        .routes(routes!(admin::list_all))
        .routes(routes!(admin::retry))
        .merge(shares::routes())
}

/// The routes that take as long as their reader.
pub fn stream_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(media::media))
        .routes(routes!(poster::poster))
        .routes(routes!(tracks::tracks))
        .routes(routes!(preview::preview))
        .routes(routes!(bulk::download::download))
        .merge(shares::stream_routes())
}

/// Whether somebody may start a recording in a room now, as far as the room and the server go.
pub fn may_start(app: &App, viewer: Viewer) -> bool {
    app.recorder.is_some() && viewer.records()
}

/// Whether an egress is a recording, also one that was deleted.
pub async fn is_recording(db: impl Into<Executor<'_>>, egress_id: &str) -> Result<bool, DbError> {
    store::is_recording(db, egress_id).await
}

/// Which recordings these egresses are.
pub async fn of_egresses(
    db: impl Into<Executor<'_>>,
    ids: impl Iterator<Item = &str>,
) -> Result<HashMap<String, RecordingId>, DbError> {
    let rows = store::of_egresses(db, ids).await?;
    Ok(rows
        .into_iter()
        .filter_map(|(egress_id, id)| Some((egress_id, id?)))
        .collect())
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
