//! What a meeting and an attendance are; knows neither HTTP nor SQL.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{clock::Timestamp, db::id};

id! {
    /// Names a meeting: a room's call from its first participant to its end.
    MeetingId
}

id! {
    /// Names one stay of one participant in a meeting.
    AttendanceId
}

/// A call that is or was.
#[derive(Debug, Serialize, ToSchema)]
pub struct Meeting {
    pub id: MeetingId,
    /// LiveKit's RM_…
    pub sid: String,
    pub started_at: Timestamp,
    #[schema(required = true)]
    pub ended_at: Option<Timestamp>,
    pub attendances: Vec<Attendance>,
}

/// Who was in a meeting, when and how long; one for each person, however often they came.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attendance {
    /// On the device they came with last.
    pub identity: String,
    pub name: String,
    #[schema(required = true)]
    pub user_id: Option<String>,
    /// When they first came.
    pub joined_at: Timestamp,
    /// When they last left, or were last seen where nobody saw them leave; `null` while they are there.
    #[schema(required = true)]
    pub left_at: Option<Timestamp>,
    /// How long they were there in all, until now for those still there.
    pub seconds: u64,
    /// How often they came; a second device counts too.
    pub visits: u32,
}
