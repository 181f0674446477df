//! Makes a room's record agree with a listing of its participants, so that what no webhook told heals.

use livekit_protocol as proto;

use super::record::{Record, attends};
use crate::{
    app::App, clock::Timestamp, db::DbError, livekit::room_service::joined_at, rooms::KnownRoom,
};

/// `sid` and `infos` are what the media server listed of the room, asked from `began` on.
pub async fn agree(
    app: &App,
    room: &KnownRoom,
    sid: &str,
    infos: &[proto::ParticipantInfo],
    began: Timestamp,
) -> Result<(), DbError> {
    let mut tx = app.db.begin().await?;
    let mut record = Record::open(app, &mut tx, room).await?;
    let first = infos
        .iter()
        .filter(|info| attends(info))
        .map(joined_at)
        .min();
    if first.is_some() && record.known_meeting(sid).await?.is_none() {
        // A meeting that begins changes its room, and whoever locks one takes the room before those who are in it.
        record.hold_room().await?;
    }
    // What the listing shows no more ended unheard; those who are back go on with it.
    record.end_unlisted(sid, began).await?;
    let meeting = match (record.known_meeting(sid).await?, first) {
        (Some(meeting), _) => Some(meeting),
        (None, Some(started_at)) => Some(record.meeting(sid, started_at).await?),
        (None, None) => None,
    };
    if let Some(meeting) = meeting {
        record.agree(&meeting, infos, began).await?;
    }
    tx.commit().await
}
