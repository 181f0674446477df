//! Keeps whom a key let into a room: the media server gives them tokens of its own, which no key can withdraw.

use super::{read_token::ProgramToken, store};
use crate::{app::App, db::DbError};

/// Notes that a token of a key lets its holder into its room.
pub async fn admit(app: &App, token: &ProgramToken) -> Result<(), DbError> {
    let mut tx = app.db.begin().await?;
    let place = (token.room(), token.claims.identity.as_str());
    store::admit(&mut tx, token.api_key.id, place, app.now()).await?;
    tx.commit().await
}

/// Whether somebody is in the room, or comes back to it, by a key that was revoked since.
pub async fn let_in_by_revoked(app: &App, room: &str, identity: &str) -> Result<bool, DbError> {
    store::let_in_by_revoked(&app.db, room, identity).await
}
