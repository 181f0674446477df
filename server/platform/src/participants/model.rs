//! A participant as the API shows it; roles come from the room's own records, never from metadata.

use std::collections::HashMap;

use livekit_protocol as proto;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    accounts::UserId,
    app::App,
    clock::Timestamp,
    db::DbError,
    livekit::{
        identity::Identity, room_service::joined_at, token::Permissions, track::TrackSource,
    },
    rooms::{self, RoomId, RoomRole, RoomRow},
};

/// The attribute that tells when a hand went up: integer milliseconds; absent when it is down.
pub const HAND_RAISED_AT: &str = "hand_raised_at";

/// Somebody in the call.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Participant {
    pub identity: Identity,
    pub sid: String,
    pub name: String,
    pub role: RoomRole,
    #[schema(required = true)]
    pub user_id: Option<String>,
    pub guest: bool,
    pub joined_at: Timestamp,
    pub state: ParticipantState,
    pub permissions: Permissions,
    pub tracks: Vec<Track>,
    #[schema(required = true)]
    pub hand_raised_at: Option<Timestamp>,
}

/// How far a participant has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ParticipantState {
    /// The signal socket is open.
    Joining,
    /// The media is being negotiated.
    Joined,
    /// Media flows.
    Active,
}

/// A published track.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Track {
    pub sid: String,
    pub source: TrackSource,
    pub muted: bool,
    pub mime_type: String,
    /// Pixels; 0 for sound.
    pub width: u32,
    pub height: u32,
}

/// Who is what in one room.
pub struct Roles {
    owner: String,
    members: HashMap<String, RoomRole>,
}

impl Roles {
    /// Reads the room's list of members.
    pub async fn load(app: &App, room: &RoomRow) -> Result<Roles, DbError> {
        Roles::of_room(app, room.id, room.owner_id).await
    }

    /// The same, of a room that has this owner.
    pub async fn of_room(app: &App, room: RoomId, owner: UserId) -> Result<Roles, DbError> {
        let members = rooms::roles(app, room).await?;
        Ok(Roles {
            owner: owner.to_string(),
            members: members
                .into_iter()
                .map(|(user, role)| (user.to_string(), role.into()))
                .collect(),
        })
    }

    /// What an identity is in the room.
    pub fn of(&self, identity: &Identity) -> RoomRole {
        match identity.user_id() {
            Some(user) if user == self.owner => RoomRole::Owner,
            Some(user) => self.members.get(user).copied().unwrap_or(RoomRole::Visitor),
            None => RoomRole::Visitor,
        }
    }
}

impl Participant {
    /// `None` for those who left or whom nobody shall see (recorders).
    pub fn from_livekit(info: &proto::ParticipantInfo, roles: &Roles) -> Option<Participant> {
        let state = match info.state() {
            proto::participant_info::State::Joining => ParticipantState::Joining,
            proto::participant_info::State::Joined => ParticipantState::Joined,
            proto::participant_info::State::Active => ParticipantState::Active,
            proto::participant_info::State::Disconnected => return None,
        };
        let permission = info.permission.clone().unwrap_or_default();
        if permission.hidden {
            return None;
        }
        let identity: Identity = info.identity.parse().ok()?;
        Some(Participant {
            role: roles.of(&identity),
            user_id: identity.user_id().map(str::to_owned),
            guest: identity.is_guest(),
            identity,
            sid: info.sid.clone(),
            name: info.name.clone(),
            joined_at: joined_at(info),
            state,
            permissions: Permissions::from_livekit(&permission),
            tracks: info.tracks.iter().map(Track::from_livekit).collect(),
            hand_raised_at: info
                .attributes
                .get(HAND_RAISED_AT)
                .and_then(|text| text.parse().ok())
                .map(Timestamp),
        })
    }
}

impl Track {
    fn from_livekit(info: &proto::TrackInfo) -> Track {
        Track {
            sid: info.sid.clone(),
            source: TrackSource::of(info),
            muted: info.muted,
            mime_type: info.mime_type.clone(),
            width: info.width,
            height: info.height,
        }
    }
}
