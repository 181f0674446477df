//! What becomes of an account's rooms when it is deleted: somebody else's, or closed. Either way their history,
//! which is other people's too, stays.

use super::{RoomId, end, store};
use crate::{
    accounts::UserId,
    app::App,
    audit::Actor,
    db::{DbError, Tx},
    happenings::{self, Account, Happening},
};

/// What to do with the rooms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The new owner runs them; calls go on.
    HandOver,
    /// They are deleted and their calls end; the new owner is who their history belongs to.
    Delete,
}

/// Rooms that were deleted in a transaction.
#[must_use = "their calls must be ended after the commit"]
pub struct Closed(Vec<RoomId>);

/// Gives every room of `from` to `to`, also those deleted before.
pub async fn move_rooms(
    app: &App,
    tx: &mut Tx,
    by: &Actor,
    from: UserId,
    to: Account<'_>,
    fate: Fate,
) -> Result<Closed, DbError> {
    let mut closed = Vec::new();
    for room in store::living_of(tx, from).await? {
        let happening = match fate {
            Fate::HandOver => Happening::RoomHandedOver { to },
            Fate::Delete => {
                store::delete(tx, room.id, app.now()).await?;
                closed.push(room.id);
                Happening::RoomDeleted
            }
        };
        happenings::tell(app, tx, Some(by), Some(&room), &happening).await?;
    }
    store::change_owner(tx, from, to.id).await?;
    Ok(Closed(closed))
}

impl Closed {
    /// Ends the calls; the reconciler ends those that could not be.
    pub async fn end_calls(self, app: &App) {
        for room in self.0 {
            if let Err(error) = end::send_everybody_out(app, room).await {
                tracing::warn!(%room, %error, "a deleted room's call could not be ended yet");
            }
        }
    }
}
