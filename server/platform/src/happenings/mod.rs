//! Tells what happens, once: in the transaction that makes it so, to the record and to whoever listens.
//! It must not know who listens, nor who may.

mod happening;

pub use happening::{Account, Attendee, Dispatched, Happening, Invitation, Recorded};

use crate::{
    app::App,
    audit::{self, Actor},
    clock::Timestamp,
    db::{DbError, Tx},
    events,
    random::Random,
    rooms::KnownRoom,
};

/// Tells that something happened, in `room` where it did in one. `by` is who did it: then it is on record. Nothing is
/// told unless `tx` commits.
pub async fn tell(
    app: &App,
    tx: &mut Tx,
    by: Option<&Actor>,
    room: Option<&KnownRoom>,
    happening: &Happening<'_>,
) -> Result<(), DbError> {
    tell_at(tx, (&app.random, app.now()), by, room, happening).await
}

/// [`tell`] in a transaction of its own: what happened is elsewhere, on the media server.
pub async fn tell_of_call(
    app: &App,
    room: &KnownRoom,
    happening: &Happening<'_>,
) -> Result<(), DbError> {
    let mut tx = app.db.begin().await?;
    tell(app, &mut tx, None, Some(room), happening).await?;
    tx.commit().await
}

/// [`tell`] where no server runs.
pub async fn tell_at(
    tx: &mut Tx,
    (random, now): (&Random, Timestamp),
    by: Option<&Actor>,
    room: Option<&KnownRoom>,
    happening: &Happening<'_>,
) -> Result<(), DbError> {
    if let (Some(actor), Some(action)) = (by, happening.action()) {
        audit::record(tx, (random, now), actor, room, action).await?;
    }
    if let Some(room) = room
        && let Some(body) = happening.event(room.slug.to_string())
    {
        let (id, concerns) = (Some(room.id.to_string()), happening.concerns());
        tx.leave(events::draft(id, &body, concerns.as_ref(), now));
    }
    if let Some(user) = happening.changes_access_of() {
        tx.leave(events::access_draft(&user, now));
    }
    Ok(())
}
