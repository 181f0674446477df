//! What a recording is; knows neither HTTP nor SQL.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};

use crate::{
    accounts::UserId,
    clock::Timestamp,
    db::{id, text_column, text_enum},
    http::openapi,
    rooms::{RoomId, RoomTitle, Slug},
};

id! {
    /// Names a recording.
    RecordingId
}

text_enum! {
    /// Where a recording is on its way from the button to the film.
    RecordingState {
        /// Asked for; nothing is recorded yet.
        Starting => "starting",
        /// It records.
        Recording => "recording",
        /// Its end was asked for; the recorder is in the room still.
        Stopping => "stopping",
        /// Nothing is recorded any more; the recorder makes the film.
        Composing => "composing",
        /// The film is on its way to where it is kept.
        Processing => "processing",
        /// The film can be watched.
        Completed => "completed",
        /// There is no film.
        Failed => "failed",
        /// It never began.
        Aborted => "aborted",
    }
}

impl RecordingState {
    /// Whether the recorder is, or may be, in the room: a room has one such recording at most.
    pub fn is_active(self) -> bool {
        match self {
            RecordingState::Starting | RecordingState::Recording | RecordingState::Stopping => true,
            RecordingState::Composing
            | RecordingState::Processing
            | RecordingState::Completed
            | RecordingState::Failed
            | RecordingState::Aborted => false,
        }
    }
}

text_enum! {
    /// What is seen in the film.
    RecordingLayout {
        /// Everybody, side by side.
        Grid => "grid",
        /// Whoever speaks large, the others small beside.
        Speaker => "speaker",
        /// Whoever speaks, alone.
        SingleSpeaker => "single-speaker",
    }
}

text_enum! {
    /// Where the film is.
    KeptIn {
        /// Nowhere, or with the recorder still.
        Nowhere => "none",
        /// In the recordings' folder.
        Disk => "disk",
        /// In the bucket.
        S3 => "s3",
    }
}

text_enum! {
    /// Why a recording ended.
    Ending {
        /// Somebody stopped it.
        Stopped => "stopped",
        /// The call was over.
        RoomEnded => "room_ended",
        /// It was as long or as large as it may be, or the disk is full. What there is, is whole.
        LimitReached => "limit_reached",
        /// Something broke. A film that there is may lack its end.
        Failure => "failure",
    }
}

text_enum! {
    /// Why there is no film, or not all of it.
    RecordingFault {
        /// The recorder never answered.
        NoAnswer => "no_answer",
        /// The recorder refused to begin.
        Refused => "refused",
        /// It was over before anything was recorded.
        NeverBegan => "never_began",
        /// The recorder broke.
        RecorderFailed => "recorder_failed",
        /// The recorder does not know of it any more.
        Forgotten => "forgotten",
        /// It ended without a file.
        NoFile => "no_file",
        /// The recorder's file was gone before it was stored.
        FileGone => "file_gone",
    }
}

/// What people call a recording: 1 to 100 characters, no control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RecordingTitle(String);

impl RecordingTitle {
    /// In characters.
    pub const LONGEST: usize = 100;

    /// What a recording of this room is called until somebody calls it something else.
    pub fn of_room(name: &RoomTitle) -> RecordingTitle {
        RecordingTitle(name.to_string())
    }
}

/// Why a text is no [`RecordingTitle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("A title has 1 to {} characters.", RecordingTitle::LONGEST)]
pub struct InvalidRecordingTitle;

impl FromStr for RecordingTitle {
    type Err = InvalidRecordingTitle;

    fn from_str(text: &str) -> Result<RecordingTitle, InvalidRecordingTitle> {
        let text = text.trim();
        let fits = (1..=RecordingTitle::LONGEST).contains(&text.chars().count());
        if fits && !text.chars().any(char::is_control) {
            Ok(RecordingTitle(text.to_owned()))
        } else {
            Err(InvalidRecordingTitle)
        }
    }
}

impl TryFrom<String> for RecordingTitle {
    type Error = InvalidRecordingTitle;

    fn try_from(text: String) -> Result<RecordingTitle, InvalidRecordingTitle> {
        text.parse()
    }
}

impl From<RecordingTitle> for String {
    fn from(title: RecordingTitle) -> String {
        title.0
    }
}

impl fmt::Display for RecordingTitle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_column!(RecordingTitle);

impl PartialSchema for RecordingTitle {
    fn schema() -> RefOr<Schema> {
        openapi::name(1..=RecordingTitle::LONGEST).into()
    }
}

impl ToSchema for RecordingTitle {}

/// A recording of a room's call.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Recording {
    pub id: RecordingId,
    pub room: RecordedRoom,
    pub title: RecordingTitle,
    pub state: RecordingState,
    pub layout: RecordingLayout,
    pub audio_only: bool,
    /// Who asked for it; `null` where another program asked the recorder.
    #[schema(required = true)]
    pub started_by: Option<Starter>,
    pub requested_at: Timestamp,
    /// When the first moment of the film was.
    #[schema(required = true)]
    pub started_at: Option<Timestamp>,
    /// When its end was asked for or came.
    #[schema(required = true)]
    pub stopped_at: Option<Timestamp>,
    /// When the recorder was done with it.
    #[schema(required = true)]
    pub ended_at: Option<Timestamp>,
    /// Of the film, in milliseconds.
    #[schema(required = true)]
    pub duration_ms: Option<i64>,
    /// Of the film, in bytes.
    #[schema(required = true)]
    pub size: Option<i64>,
    /// Such as `video/mp4`.
    #[schema(required = true)]
    pub media_type: Option<String>,
    /// Why it ended; with `failure` the film may lack its end.
    #[schema(required = true)]
    pub ending: Option<Ending>,
    #[schema(required = true)]
    pub fault: Option<RecordingFault>,
    /// How far the film is on its way; only while it is processed.
    #[schema(required = true)]
    pub transfer: Option<TransferProgress>,
    /// When it is deleted by itself; `null`: never.
    #[schema(required = true)]
    pub keep_until: Option<Timestamp>,
    /// Until when its tracks can be downloaded one by one; `null`: they are not kept.
    #[schema(required = true)]
    pub tracks_until: Option<Timestamp>,
    /// Whether there is a picture of it, at `/api/recordings/{id}/poster`.
    pub has_poster: bool,
    /// Whether there is a first version to look at, while the film is made: `GET /api/recordings/{id}/preview`.
    pub has_preview: bool,
    /// What the recorder says of the film, in English: what is not in it, and why.
    pub remarks: Vec<String>,
    pub rights: RecordingRights,
}

/// The room that was recorded.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecordedRoom {
    pub id: RoomId,
    pub slug: Slug,
    pub name: RoomTitle,
    /// Whether the room was deleted since.
    pub deleted: bool,
}

/// Who asked for a recording, as they were called then.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Starter {
    pub id: UserId,
    pub name: String,
}

/// How far a film is on its way to where it is kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TransferProgress {
    pub bytes_done: i64,
    /// Since when the store or the recorder does not answer; `null` while it goes on.
    #[schema(required = true)]
    pub waiting_since: Option<Timestamp>,
}

/// What the caller may do with a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a right of its own")]
pub struct RecordingRights {
    pub stop: bool,
    /// Its title, and how long it is kept.
    pub change: bool,
    pub delete: bool,
    pub download: bool,
    /// Make links for outsiders.
    pub share: bool,
}

/// The recording that goes on in a room, for everybody in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActiveRecording {
    pub id: RecordingId,
    pub state: RecordingState,
    pub audio_only: bool,
    /// When the first moment of the film was.
    #[schema(required = true)]
    pub started_at: Option<Timestamp>,
}
