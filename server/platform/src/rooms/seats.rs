//! Seats of a room with a limit: whoever is in the call has one, and whoever has a token keeps one for a moment.
//! People are counted, not connections.

use std::{collections::HashSet, time::Duration};

use super::{RoomId, store};
use crate::{
    app::App,
    db::{DbError, Executor, Tx},
    livekit::identity::Subject,
    meetings,
};

// From the token to the call: a browser needs two or three seconds, a slow phone ten.
const HELD: Duration = Duration::from_secs(30);

/// Keeps a seat for `subject` unless `seats` others have all of them. Two who ask for the last one at once are told
/// apart here, not by who connects first.
pub(super) async fn take(
    app: &App,
    tx: &mut Tx,
    room: RoomId,
    subject: &Subject,
    seats: Option<i64>,
) -> Result<bool, DbError> {
    let now = app.now();
    tx.lock(&format!("seats of {room}")).await?;
    store::delete_expired_seats(tx, now, HELD).await?;
    if let Some(seats) = seats
        && !has_seat(app, &mut *tx, room, subject).await?
        && taken(app, tx, room, subject).await? >= seats
    {
        return Ok(false);
    }
    store::hold_seat(tx, room, subject, now + HELD).await?;
    Ok(true)
}

/// Makes sure that somebody who comes with a token has one of `seats`.
pub async fn claim_seat(
    app: &App,
    room: RoomId,
    subject: &Subject,
    seats: i64,
) -> Result<bool, DbError> {
    // Most come within moments of their token and need no write.
    if has_seat(app, &app.db, room, subject).await? {
        return Ok(true);
    }
    let mut tx = app.db.begin().await?;
    let taken = take(app, &mut tx, room, subject, Some(seats)).await?;
    tx.commit().await?;
    Ok(taken)
}

/// Gives back the seat kept for somebody who is in the call now; whether they had one.
pub(super) async fn release(
    app: &App,
    tx: &mut Tx,
    room: RoomId,
    subject: &Subject,
) -> Result<bool, DbError> {
    let had = has_seat(app, &mut *tx, room, subject).await?;
    store::delete_seat(tx, room, subject).await?;
    Ok(had)
}

/// Whether there is a place for `subject` already: in the call, or kept for them.
async fn has_seat(
    app: &App,
    db: impl Into<Executor<'_>>,
    room: RoomId,
    subject: &Subject,
) -> Result<bool, DbError> {
    let mut db = db.into();
    Ok(meetings::is_seated(db.again(), room, subject).await?
        || store::holds_seat(db, room, subject, app.now(), HELD).await?)
}

/// Seats that others than `subject` have: in the call, or on their way with a token.
pub(super) async fn taken(
    app: &App,
    tx: &mut Tx,
    room: RoomId,
    subject: &Subject,
) -> Result<i64, DbError> {
    let live = meetings::live_subjects(&mut *tx, room).await?;
    let held = store::held_seats(tx, room, app.now(), HELD).await?;
    let mut others: HashSet<String> = live.into_iter().chain(held).collect();
    others.remove(subject.as_str());
    Ok(i64::try_from(others.len()).unwrap_or(i64::MAX))
}
