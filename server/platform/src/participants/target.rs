//! Whom a moderator acts upon, and whether they may.

use livekit_protocol as proto;

use super::model::Roles;
use crate::{
    app::App,
    happenings::Attendee,
    http::Problem,
    livekit::{
        LiveKitError,
        identity::{Identity, Subject},
        room_service::RoomName,
    },
    rooms::{RoomRow, Slug, caller::Caller, region, view},
};

/// A room, somebody in it, and the moderator's right to act settled.
pub struct Target {
    pub room: RoomRow,
    pub name: RoomName,
    pub identity: Identity,
    pub subject: Subject,
}

/// Nobody acts upon the owner; upon moderators only the owner and administrators do.
pub async fn find(
    app: &App,
    slug: &Slug,
    caller: &Caller,
    identity: Identity,
) -> Result<Target, Problem> {
    let found = view::find_moderated(app, slug, caller).await?;
    let role = Roles::load(app, &found.room).await?.of(&identity);
    let allowed = found.viewer(caller).acts_on(role);
    // Muting oneself from another device is nobody else's business.
    if !allowed && caller.subject() != Some(&identity.subject()) {
        return Err(runs_it_too());
    }
    Ok(Target {
        name: found.room.id.livekit_name(),
        room: found.room,
        subject: identity.subject(),
        identity,
    })
}

/// 403: it is not for the caller to act upon whom they named.
pub fn runs_it_too() -> Problem {
    Problem::forbidden("They run this room too.")
}

impl Target {
    /// As they are called in the call.
    pub fn who<'a>(&'a self, connections: &'a [proto::ParticipantInfo]) -> Attendee<'a> {
        let name = connections.iter().map(|info| info.name.as_str());
        let mut named = name.filter(|name| !name.is_empty());
        Attendee {
            identity: &self.identity,
            name: named.next().unwrap_or(self.identity.as_str()),
        }
    }

    /// The target as the media server sees it now: every connection of that person, the named one first.
    pub async fn connections(&self, app: &App) -> Result<Vec<proto::ParticipantInfo>, Problem> {
        let livekit = region::livekit_of(app, &self.name).await?;
        let mut connections = livekit
            .connections(&self.name, &self.subject, app.now())
            .await?;
        if connections.is_empty() {
            return Err(LiveKitError::NotFound.into());
        }
        connections.sort_by_key(|info| info.identity != self.identity.as_str());
        Ok(connections)
    }
}
