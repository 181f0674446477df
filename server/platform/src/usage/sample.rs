//! Writes down what goes on now; one replica at a time does.

use super::{
    minute::minute_of,
    store::{self, Seen},
};
use crate::{app::App, db::DbError, meetings};

/// Adds this moment to its minute.
pub async fn sample(app: &App) -> Result<(), DbError> {
    let live = meetings::count_live(&app.db).await?;
    let seen = Seen {
        people: live.participants,
        rooms: live.rooms,
        media: app.vitals.media_totals(app.now()),
    };
    let mut tx = app.db.begin_aside().await?;
    // A lease may be lost while it is held: totals are read and written by one at a time.
    tx.lock("usage").await?;
    store::add(&mut tx, minute_of(app.now()), &seen).await?;
    tx.commit().await
}
