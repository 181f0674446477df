//! Which room a name on the media server is: one of this site's, or one that a program made.

use std::collections::{HashMap, HashSet};

use livekit_protocol as proto;

use super::{
    error::LiveRoomError,
    model::{LiveRoomName, SiteRoom},
};
use crate::{
    app::App,
    livekit::{identity::Identity, room_service::RoomName},
    meetings,
    rooms::{self, KnownRoom, RoomId, caller::Caller},
};

/// A room on the media server, and what the site knows of it.
pub struct Place {
    pub name: RoomName,
    /// The site's own room; `None` for one that a program made, or whose room was deleted.
    pub own: Option<KnownRoom>,
}

/// Which room this is, live or not.
pub async fn find(app: &App, name: &LiveRoomName, caller: &Caller) -> Result<Place, LiveRoomError> {
    let ids = Vec::from_iter(room_id(name.as_str()));
    let standings = rooms::standings(&app.db, &ids, caller).await?;
    let living = standings.into_values().find(|room| !room.deleted);
    Ok(Place {
        name: name.livekit_name(),
        own: living.map(|room| room.known()),
    })
}

/// One participant of the room.
pub async fn participant(
    app: &App,
    room: &RoomName,
    identity: &Identity,
) -> Result<proto::ParticipantInfo, LiveRoomError> {
    Ok(app
        .livekit
        .get_participant(room, identity, app.now())
        .await?)
}

/// What is on record of the calls in those of these rooms that are the site's.
pub async fn on_record(
    app: &App,
    names: impl Iterator<Item = &str>,
    caller: &Caller,
) -> Result<HashMap<String, SiteRoom>, LiveRoomError> {
    let ids: HashSet<RoomId> = names.filter_map(room_id).collect();
    let ids = Vec::from_iter(ids);
    let standings = rooms::standings(&app.db, &ids, caller).await?;
    let mut calls = meetings::calls(&app.db, &ids, None).await?;
    let living = standings.into_values().filter(|room| !room.deleted);
    let site_rooms = living.map(|room| {
        let call = calls.remove(&room.id).unwrap_or_default();
        let site_room = SiteRoom {
            id: room.id,
            slug: room.slug,
            name: room.name,
            present: call.live,
            started_at: call.started_at,
        };
        (room.id.to_string(), site_room)
    });
    Ok(site_rooms.collect())
}

/// A name that is written as the site writes its rooms' ids; an id has many other spellings.
fn room_id(name: &str) -> Option<RoomId> {
    let id: RoomId = name.parse().ok()?;
    (id.to_string() == name).then_some(id)
}
