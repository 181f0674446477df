//! Tells what happens, once: in the transaction that makes it so, to the record and to whoever listens.
//! It must not know who listens, nor who may.

mod event_type;
mod example;
mod happening;
mod on_record;
mod outside;
#[cfg(test)]
mod tests;

pub use event_type::EventType;
pub use example::example;
pub use happening::{
    Account, Attendee, CalledAgent, Dispatched, Happening, Hook, Invitation, Recorded, SentOut,
    SipEntry, Streamed,
};
pub use outside::message;

use crate::{
    app::App,
    audit::{self, Actor},
    clock::Timestamp,
    db::{DbError, Draft, Tx},
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
pub async fn tell_alone(
    app: &App,
    by: Option<&Actor>,
    room: Option<&KnownRoom>,
    happening: &Happening<'_>,
) -> Result<(), DbError> {
    let mut tx = app.db.begin().await?;
    tell(app, &mut tx, by, room, happening).await?;
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
    let told = outside::told(happening, by, room);
    let webhook = told.map(|(kind, data)| message(kind, now, &data));
    let room_id = room.map(|room| room.id.to_string());
    let event = room.and_then(|room| happening.event(room.slug.to_string()));
    match (event, webhook) {
        (Some(event), webhook) => {
            let concerns = happening.concerns();
            let draft = events::draft(room_id, &event, concerns.as_ref(), now);
            tx.leave(Draft { webhook, ..draft });
        }
        (None, Some(webhook)) => {
            let hook = happening.hook().map(|hook| hook.to_string());
            tx.leave(events::webhook_draft(room_id, hook, webhook, now));
        }
        (None, None) => {}
    }
    if let Some(user) = happening.changes_access_of() {
        tx.leave(events::access_draft(&user, now));
    }
    Ok(())
}
