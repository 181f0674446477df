//! A recording as the API shows it to one caller.

use std::collections::HashMap;

use super::{
    access, keeping,
    model::{
        RecordedRoom, Recording, RecordingId, RecordingRights, RecordingState, Starter,
        TransferProgress,
    },
    store::{self, ListedRow},
};
use crate::{
    app::App,
    http::Problem,
    rooms::{self, RoomId, Standing, caller::Caller},
};

/// A recording that the caller may see.
pub struct Seen {
    pub row: ListedRow,
    pub room: Standing,
    pub rights: RecordingRights,
}

/// The recording, for those who may see it; to others there is none.
pub async fn find(app: &App, id: RecordingId, caller: &Caller) -> Result<Seen, Problem> {
    if caller.user_id().is_none() {
        return Err(Problem::unauthenticated());
    }
    let mut reads = app.db.reads().await?;
    let row = store::listed(&mut reads, id).await?;
    let row = row.ok_or_else(|| Problem::not_found("recording"))?;
    let rooms = [row.recording.room_id];
    let mut standings = rooms::standings(&mut reads, &rooms, caller).await?;
    let room = standings.remove(&row.recording.room_id);
    room.and_then(|room| seen(row, room, caller))
        .ok_or_else(|| Problem::not_found("recording"))
}

fn seen(row: ListedRow, room: Standing, caller: &Caller) -> Option<Seen> {
    let starter = row.recording.started_by;
    let own = starter.is_some() && starter == caller.user_id();
    let rights = access::rights(room.viewer, own)?;
    Some(Seen { row, room, rights })
}

/// Those of the rows that the caller may see; `rooms` has what they are there.
pub fn show_all(
    app: &App,
    row: ListedRow,
    rooms: &HashMap<RoomId, Standing>,
    caller: &Caller,
) -> Option<Recording> {
    let room = rooms.get(&row.recording.room_id)?.clone();
    seen(row, room, caller).map(|seen| show(app, seen))
}

/// What the caller sees of it.
pub fn show(app: &App, seen: Seen) -> Recording {
    let Seen { row, room, rights } = seen;
    let keep_until = keeping::until(app, &row.recording);
    let tracks_until = keeping::tracks_until(app, &row.recording);
    let ListedRow {
        recording,
        bytes_done,
        waiting_since,
    } = row;
    let processing = recording.state == RecordingState::Processing;
    let starter = recording.started_by_name;
    let remarks = recording.details.as_deref().map_or_else(Vec::new, remarks);
    Recording {
        id: recording.id,
        room: RecordedRoom {
            id: room.id,
            slug: room.slug,
            name: room.name,
            deleted: room.deleted,
        },
        title: recording.title,
        state: recording.state,
        layout: recording.layout,
        audio_only: recording.audio_only,
        started_by: recording.started_by.map(|id| Starter { id, name: starter }),
        requested_at: recording.requested_at,
        started_at: recording.started_at,
        stopped_at: recording.stopped_at,
        ended_at: recording.ended_at,
        duration_ms: recording.duration_ms,
        size: recording.size,
        media_type: recording.media_type,
        ending: recording.ending,
        fault: recording.error_code,
        transfer: processing.then(|| TransferProgress {
            bytes_done: bytes_done.unwrap_or(0),
            waiting_since,
        }),
        keep_until,
        tracks_until,
        has_poster: recording.poster_type.is_some(),
        has_preview: recording.has_preview && recording.state == RecordingState::Composing,
        remarks,
        rights,
    }
}

/// The recorder's text is the reason of the end, then what is to be known of the film.
fn remarks(details: &str) -> Vec<String> {
    details.split("; ").skip(1).map(str::to_owned).collect()
}
