//! Which room an administrator names, and what a room of ours is called on the media server.

use std::collections::HashMap;

use garde::Validate;
use serde::Deserialize;
use utoipa::{IntoParams, openapi::Object};

use super::{RoomId, Slug, known_of, media_name};
use crate::{app::App, db::DbError, http::openapi, livekit::room_service::RoomName};

/// In characters; LiveKit's own bound.
pub const LONGEST_ROOM: usize = 256;

/// Its field in requests.
pub fn schema() -> Object {
    openapi::text(1..=LONGEST_ROOM).build()
}

/// The room that is meant.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OneRoom {
    /// The link of one of our rooms, or a room's name on the media server.
    #[garde(length(chars, min = 1, max = LONGEST_ROOM))]
    #[param(schema_with = schema)]
    pub room: String,
}

/// The room's name on the media server: of ours by its link, of any other as it is.
pub async fn find(app: &App, text: &str) -> Result<RoomName, DbError> {
    let named = RoomName(text.to_owned());
    match text.parse::<Slug>() {
        Ok(slug) => Ok(media_name(app, &slug).await?.unwrap_or(named)),
        Err(_) => Ok(named),
    }
}

/// The links of those rooms that are ours, by their names on the media server.
pub async fn links(
    app: &App,
    names: impl Iterator<Item = &str>,
) -> Result<HashMap<String, Slug>, DbError> {
    let ids: Vec<RoomId> = names.filter_map(|name| name.parse().ok()).collect();
    let known = known_of(&app.db, &ids).await?;
    let links = known
        .into_iter()
        .map(|room| (room.id.to_string(), room.slug));
    Ok(links.collect())
}
