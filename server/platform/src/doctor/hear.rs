//! Hears that the media server told of a check's room: webhooks arrive.

use super::store;
use crate::{app::App, db::DbError, livekit::connection_check::is_throw_away};

/// `true` when the room is a throw-away one, which is nobody else's business.
pub async fn hear(app: &App, room: &str) -> Result<bool, DbError> {
    if !is_throw_away(room) {
        return Ok(false);
    }
    let mut tx = app.db.begin_aside().await?;
    store::hear(&mut tx, room, app.now()).await?;
    tx.commit().await?;
    Ok(true)
}
