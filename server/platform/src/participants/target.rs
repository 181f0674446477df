//! Whom a moderator acts upon, and whether they may.

use livekit_protocol as proto;

use super::model::Roles;
use crate::{
    app::App,
    http::Problem,
    livekit::{LiveKitError, identity::Identity, room_service::RoomName},
    rooms::{RoomRole, RoomRow, Slug, caller::Caller, view},
};

/// A room, somebody in it, and the moderator's right to act settled.
pub struct Target {
    pub room: RoomRow,
    pub name: RoomName,
    pub identity: Identity,
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
    let allowed = match role {
        RoomRole::Owner => false,
        RoomRole::Moderator => found.role == RoomRole::Owner || caller.is_admin(),
        RoomRole::Member | RoomRole::Visitor => true,
    };
    // Muting oneself from another device is nobody else's business.
    if !allowed && caller.identity().map(Identity::subject) != Some(identity.subject()) {
        return Err(Problem::forbidden("They run this room too."));
    }
    Ok(Target {
        name: found.room.id.livekit_name(),
        room: found.room,
        identity,
    })
}

impl Target {
    /// The target as the media server sees it now.
    pub async fn info(&self, app: &App) -> Result<proto::ParticipantInfo, LiveKitError> {
        app.livekit
            .get_participant(&self.name, &self.identity, app.now())
            .await
    }
}
