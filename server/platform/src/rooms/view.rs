//! A room as the API shows it to one caller.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    access::{self, Refusal, Sight},
    caller::Caller,
    model::{Access, RoomId, RoomRegion, RoomRole, RoomTitle, Slug},
    region,
    store::RoomRow,
};
use crate::{
    accounts::UserId,
    app::App,
    clock::Timestamp,
    http::SiteAddress,
    livekit::token::Permissions,
    recordings::{self, ActiveRecording},
};

pub use super::found::{Found, find, find_moderated, find_owned, find_seen, find_with_members};

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
    /// The room's own rule: days that its recordings are kept; 0 = as long as the site keeps them.
    pub keep_recordings_days: i64,
    /// Where its calls are to be: `automatic`, or a region's name.
    pub region: RoomRegion,
    pub locked: bool,
    pub media: MediaDefaults,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// What the caller is here.
    pub role: RoomRole,
    pub live: Live,
    /// When its newest call began; told to those who see its history.
    #[schema(required = true)]
    pub last_call_at: Option<Timestamp>,
    pub recording: RoomRecording,
    pub join: JoinVerdict,
}

/// Whether the call is being recorded, for everybody in it and those who come later.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RoomRecording {
    #[schema(required = true)]
    pub active: Option<ActiveRecording>,
    /// Whether the caller may start a recording here, once there is a call and none goes on.
    pub allowed: bool,
    /// Days that a recording which begins now is kept after its end; `null`: until somebody deletes it.
    #[schema(required = true)]
    pub keep_days: Option<u32>,
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
    /// The region where it is; `null` where there is but one, and while nobody is in it.
    #[schema(required = true)]
    pub region: Option<String>,
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

/// What `caller` sees of a room; the uninvited see a private room's name and door only.
pub fn show(app: &App, found: Found, caller: &Caller, site: &SiteAddress) -> Room {
    // Whoever may not even see the door is told of no call behind it.
    let seen = found.sight(caller) > Sight::Nothing;
    let facts = access::facts(&found, caller, &app.media_status());
    let region = region::of_call(app, &found.room);
    let verdict = access::may_enter(&facts);
    let sees_history = found.viewer(caller).sees();
    let may_record = recordings::may_start(app, found.viewer(caller));
    let Found {
        room,
        role,
        owner_name,
        call,
        recording,
        ..
    } = found;
    Room {
        url: format!("{}/{}", site.origin(), room.slug),
        owner: Owner {
            id: room.owner_id,
            name: owner_name.to_string(),
        },
        access: room.access,
        guests_allowed: room.guests_allowed,
        max_participants: room.max_participants,
        keep_recordings_days: room.keep_recordings_days,
        region: room.region.clone(),
        locked: room.locked_at.is_some(),
        media: room.media().into(),
        created_at: room.created_at,
        updated_at: room.updated_at,
        role,
        live: Live {
            participants: if seen { call.live } else { 0 },
            started_at: call.started_at.filter(|_| seen),
            region: region
                .filter(|_| seen && call.live > 0 && app.regions.are_several())
                .map(|region| region.name.to_string()),
        },
        last_call_at: room.last_call_at.filter(|_| sees_history),
        recording: RoomRecording {
            active: recording.filter(|_| seen),
            // Only where the recorder is.
            allowed: may_record && (call.live == 0 || region::is_first(app, region)),
            keep_days: recordings::kept_days(
                app.settings.get().keep_recordings_days,
                room.keep_recordings_days,
            ),
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
