//! What the page of a meeting shows of its recordings; to those who may see recordings of every room.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    model::{RecordingId, RecordingState, RecordingTitle},
    store,
};
use crate::{
    db::{DbError, Executor},
    meetings::MeetingId,
};

/// A recording that was asked for in a meeting.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfMeeting {
    id: RecordingId,
    title: RecordingTitle,
    state: RecordingState,
}

/// The recordings of a meeting, the oldest first.
pub async fn of_meeting(
    db: impl Into<Executor<'_>>,
    meeting: MeetingId,
) -> Result<Vec<OfMeeting>, DbError> {
    let rows = store::of_meeting(db, meeting).await?;
    let shown = rows.into_iter().map(|row| OfMeeting {
        id: row.id,
        title: row.title,
        state: row.state,
    });
    Ok(shown.collect())
}

/// How many there are of each of these meetings; those without any are left out.
pub async fn count_of_meetings(
    db: impl Into<Executor<'_>>,
    meetings: &[MeetingId],
) -> Result<HashMap<MeetingId, i64>, DbError> {
    Ok(store::count_of_meetings(db, meetings)
        .await?
        .into_iter()
        .collect())
}
