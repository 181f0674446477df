//! What a chapter is; knows neither HTTP nor SQL.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::text_enum;

text_enum! {
    /// What happened.
    MarkKind {
        /// Somebody came.
        Joined => "joined",
        /// Somebody left.
        Left => "left",
        /// Somebody else speaks from here on.
        Speaker => "speaker",
        /// Somebody shares their screen from here on.
        Share => "share",
        /// The film looks otherwise from here on.
        Layout => "layout",
        /// What the recorder has to say.
        Note => "note",
    }
}

/// Something that happened at one moment of the film.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::FromRow)]
pub struct Mark {
    /// Milliseconds after the film's first moment.
    pub at_ms: i64,
    pub kind: MarkKind,
    /// Who, or what.
    pub text: String,
}
