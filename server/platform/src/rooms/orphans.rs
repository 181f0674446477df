//! What becomes of an account's rooms when it is deleted: somebody else's, or closed. Either way their history,
//! which is other people's too, stays.

use serde_json::json;

use super::{RoomId, Slug, end, store, view};
use crate::{
    app::App,
    audit::{self, Actor},
    db::{DbError, Tx},
    events::{Event, EventBody, EventRoom},
    users::UserId,
};

/// What to do with the rooms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The new owner runs them; calls go on.
    HandOver,
    /// They are deleted and their calls end; the new owner is who their history belongs to.
    Delete,
}

/// Rooms that changed hands in a transaction, to be told of when it is committed.
#[must_use = "pages must be told, and calls ended, after the commit"]
pub struct Moved {
    fate: Fate,
    rooms: Vec<(RoomId, Slug)>,
}

/// Gives every room of `from` to `to`, also those deleted before.
pub async fn move_rooms(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    from: UserId,
    to: UserId,
    fate: Fate,
) -> Result<Moved, DbError> {
    let rooms = store::living_of(tx, from).await?;
    for (room, _) in &rooms {
        let (action, detail) = match fate {
            Fate::HandOver => ("room.handed_over", json!({ "to": to })),
            Fate::Delete => ("room.deleted", json!({})),
        };
        let target = from.to_string();
        audit::record(app, tx, actor, action, Some(*room), Some(&target), detail).await?;
        if fate == Fate::Delete {
            store::delete(tx, *room, app.now()).await?;
        }
    }
    store::change_owner(tx, from, to).await?;
    Ok(Moved { fate, rooms })
}

impl Moved {
    /// Tells pages, and ends the calls of deleted rooms; the reconciler ends those that could not be.
    pub async fn tell(self, app: &App) {
        for (room, slug) in self.rooms {
            match self.fate {
                Fate::HandOver => view::announce(app, room, &slug),
                Fate::Delete => {
                    app.events.publish(Event {
                        room: Some(EventRoom {
                            id: room.to_string(),
                            slug: slug.to_string(),
                        }),
                        body: EventBody::RoomDeleted {
                            room: slug.to_string(),
                        },
                    });
                    if let Err(error) = end::send_everybody_out(app, room).await {
                        tracing::warn!(%room, %error, "a deleted room's call could not be ended yet");
                    }
                }
            }
        }
    }
}
