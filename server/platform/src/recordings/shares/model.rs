//! What a link for outsiders is; knows neither HTTP nor SQL.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    clock::Timestamp,
    db::id,
    recordings::{
        marks::Mark,
        model::{RecordingLayout, RecordingTitle},
    },
};

id! {
    /// Names a link for outsiders.
    ShareId
}

/// A link for outsiders, as those see it who made it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Share {
    pub id: ShareId,
    /// The link to send; only in the answer that creates it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub has_password: bool,
    pub may_download: bool,
    /// Who made it, as they were called then.
    pub created_by: String,
    pub created_at: Timestamp,
    #[schema(required = true)]
    pub expires_at: Option<Timestamp>,
    /// How often it was opened.
    pub views: i64,
}

/// A recording as an outsider sees it by a link.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SharedRecording {
    /// Whether a password is asked for; then nothing else is told.
    pub locked: bool,
    #[schema(required = true)]
    pub recording: Option<SharedFilm>,
}

/// What an outsider is told of the film.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SharedFilm {
    pub title: RecordingTitle,
    pub layout: RecordingLayout,
    pub audio_only: bool,
    #[schema(required = true)]
    pub started_at: Option<Timestamp>,
    /// In milliseconds.
    #[schema(required = true)]
    pub duration_ms: Option<i64>,
    /// In bytes.
    #[schema(required = true)]
    pub size: Option<i64>,
    #[schema(required = true)]
    pub media_type: Option<String>,
    pub may_download: bool,
    /// Where it plays.
    pub media_url: String,
    /// Where its picture is, where it has one.
    #[schema(required = true)]
    pub poster_url: Option<String>,
    /// What happened when in it, as those see it who recorded it.
    pub chapters: Vec<Mark>,
}
