//! Seats of a room with a limit: whoever is in the call has one, and whoever has a token keeps one for a moment.
//! People are counted, not connections.

use std::time::Duration;

use super::{RoomId, store};
use crate::{
    app::App,
    db::{DbError, Tx},
    livekit::identity::Subject,
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
    let seated = store::has_seat(&mut *tx, room, subject, now, HELD).await?;
    let taken = store::taken_seats(tx, room, subject, now, HELD).await?;
    if !seated && seats.is_some_and(|seats| taken >= seats) {
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
    if store::has_seat(&app.db, room, subject, app.now(), HELD).await? {
        return Ok(true);
    }
    let mut tx = app.db.begin().await?;
    let taken = take(app, &mut tx, room, subject, Some(seats)).await?;
    tx.commit().await?;
    Ok(taken)
}

/// Gives back the seat kept for somebody who is in the call now; whether they had one.
pub async fn release_seat(
    app: &App,
    tx: &mut Tx,
    room: RoomId,
    subject: &Subject,
) -> Result<bool, DbError> {
    store::release_seat(tx, room, subject, app.now(), HELD).await
}

/// Seats that others than `subject` have.
pub async fn taken_seats(
    app: &App,
    tx: &mut Tx,
    room: RoomId,
    subject: &Subject,
) -> Result<i64, DbError> {
    store::taken_seats(tx, room, subject, app.now(), HELD).await
}
