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

/// Who was in a meeting, when and how long.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attendance {
    pub identity: String,
    pub name: String,
    #[schema(required = true)]
    pub user_id: Option<String>,
    pub joined_at: Timestamp,
    /// The last time they were seen where nobody saw them leave.
    #[schema(required = true)]
    pub left_at: Option<Timestamp>,
    /// How long, until now for those still there.
    pub seconds: u64,
}
