//! A room as the API shows it to one caller.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    admission::{self, Refusal},
    caller::Caller,
    model::{Access, RoomId, RoomRole, RoomTitle, Slug},
    store::{self, RoomRow},
};
use crate::{
    app::App,
    clock::Timestamp,
    db::DbError,
    http::{Problem, SiteAddress},
    livekit::token::Permissions,
    users::UserId,
};

/// A room.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Room {
    pub id: RoomId,
    pub slug: Slug,
    pub name: RoomTitle,
    /// The link to send to others.
    pub url: String,
    pub owner: Owner,
    pub access: Access,
    pub guests_allowed: bool,
    /// 0 = no limit
    pub max_participants: i64,
    pub locked: bool,
    pub media: MediaDefaults,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// What the caller is here.
    pub role: RoomRole,
    pub live: Live,
    pub join: JoinVerdict,
}

/// Whose room it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Owner {
    pub id: UserId,
    pub name: String,
}

/// What participants who don't moderate may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediaDefaults {
    pub audio: bool,
    pub video: bool,
    pub screen_share: bool,
    pub chat: bool,
}

/// The call as it is now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Live {
    pub participants: i64,
    #[schema(required = true)]
    pub started_at: Option<Timestamp>,
}

/// Whether the caller may join now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JoinVerdict {
    pub allowed: bool,
    #[schema(required = true)]
    pub reason: Option<Refusal>,
}

impl From<MediaDefaults> for Permissions {
    fn from(media: MediaDefaults) -> Permissions {
        let MediaDefaults {
            audio,
            video,
            screen_share,
            chat,
        } = media;
        Permissions {
            audio,
            video,
            screen_share,
            chat,
        }
    }
}

impl From<Permissions> for MediaDefaults {
    fn from(permissions: Permissions) -> MediaDefaults {
        let Permissions {
            audio,
            video,
            screen_share,
            chat,
        } = permissions;
        MediaDefaults {
            audio,
            video,
            screen_share,
            chat,
        }
    }
}

impl RoomRow {
    /// What those who don't moderate may send.
    pub fn media(&self) -> Permissions {
        Permissions {
            audio: self.audio,
            video: self.video,
            screen_share: self.screen_share,
            chat: self.chat,
        }
    }
}

/// What `caller` sees of `room`; the uninvited see a private room's name and door only.
pub fn show(app: &App, room: RoomRow, caller: &Caller, site: &SiteAddress) -> Room {
    let facts = admission::facts(&room, caller, &app.livekit.status());
    let verdict = admission::decide(&facts);
    let inside =
        room.access == Access::Public || facts.role != RoomRole::Visitor || caller.is_admin();
    Room {
        url: format!("{}/{}", site.origin(), room.slug),
        owner: Owner {
            id: room.owner_id,
            name: room.owner_name.to_string(),
        },
        access: room.access,
        guests_allowed: room.guests_allowed,
        max_participants: room.max_participants,
        locked: room.locked_at.is_some(),
        media: room.media().into(),
        created_at: room.created_at,
        updated_at: room.updated_at,
        role: facts.role,
        live: Live {
            participants: if inside { room.live } else { 0 },
            started_at: room.started_at.filter(|_| inside),
        },
        join: JoinVerdict {
            allowed: verdict.is_ok(),
            reason: verdict.err(),
        },
        id: room.id,
        slug: room.slug,
        name: room.name,
    }
}

/// A room and what the caller is in it.
pub struct Found {
    pub room: RoomRow,
    pub role: RoomRole,
}

/// The living room with this slug, as `caller` meets it. A room's id stands for its slug for those who are in its
/// call, run it or are members, for a link may be changed under them; to all others a changed link is closed.
pub async fn find(app: &App, slug: &Slug, caller: &Caller) -> Result<Option<Found>, DbError> {
    let room = if slug.is_room_id() {
        let room = store::by_id(&app.db, caller.viewer(), slug.as_str()).await?;
        room.filter(|room| {
            room.present > 0
                || caller.is_admin()
                || admission::role(room, caller) != RoomRole::Visitor
        })
    } else {
        store::by_slug(&app.db, caller.viewer(), slug).await?
    };
    Ok(room.map(|room| Found {
        role: admission::role(&room, caller),
        room,
    }))
}

/// The room, for those who run it: its owner, and administrators of the server.
pub async fn find_owned(app: &App, slug: &Slug, caller: &Caller) -> Result<Found, Problem> {
    let found = find_for_user(app, slug, caller).await?;
    if found.role == RoomRole::Owner || caller.is_admin() {
        Ok(found)
    } else {
        Err(Problem::forbidden("Only the room's owner may do this."))
    }
}

/// The room, for those who moderate it: owner, moderators, and administrators of the server.
pub async fn find_moderated(app: &App, slug: &Slug, caller: &Caller) -> Result<Found, Problem> {
    let found = find_for_user(app, slug, caller).await?;
    if found.role.moderates() || caller.is_admin() {
        Ok(found)
    } else {
        Err(Problem::forbidden(
            "Only the room's moderators may do this.",
        ))
    }
}

async fn find_for_user(app: &App, slug: &Slug, caller: &Caller) -> Result<Found, Problem> {
    if caller.user_id().is_none() {
        return Err(Problem::unauthenticated());
    }
    find(app, slug, caller)
        .await?
        .ok_or_else(|| Problem::not_found("room"))
}

/// Tells everybody that a room's settings, lock or members changed.
pub fn announce(app: &App, id: RoomId, slug: &Slug) {
    app.events.publish(crate::events::Event {
        room: Some(crate::events::EventRoom {
            id: id.to_string(),
            slug: slug.to_string(),
        }),
        body: crate::events::EventBody::RoomUpdated {
            room: slug.to_string(),
        },
    });
}
