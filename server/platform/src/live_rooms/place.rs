//! Which room a name on the media server is: one of this site's, or one that a program made.

use std::collections::{HashMap, HashSet};

use livekit_protocol as proto;

use super::{
    error::LiveRoomError,
    model::{LiveRoomName, SiteRoom},
};
use crate::{
    accounts::Right,
    app::App,
    config::RegionName,
    db::DbError,
    livekit::{
        InRegion, LiveKit,
        identity::{Identity, Subject},
        room_service::RoomName,
    },
    meetings,
    participants::Roles,
    rooms::{self, KnownRoom, RoomId, Standing, Viewer, caller::Caller, region},
};

/// A room on the media server, and what the site knows of it.
pub struct Place {
    pub name: RoomName,
    /// The site's own room; `None` for one that a program made, or whose room was deleted.
    pub own: Option<KnownRoom>,
    /// Where it is; what programs made is in the first region.
    region: RegionName,
    /// What the caller is in that.
    standing: Option<Standing>,
}

/// Upon whom of a room somebody may act.
pub struct Reach {
    /// What others are in a room of the site, and what the caller is there; elsewhere all are alike.
    own: Option<(Viewer, Roles)>,
    caller: Option<Subject>,
    /// Whether they moderate rooms at all.
    moderates: bool,
}

impl Reach {
    /// Whether this participant is one of them.
    pub fn includes(&self, identity: &Identity) -> bool {
        let Some((viewer, roles)) = &self.own else {
            return self.moderates;
        };
        let is_caller = self.caller.as_ref() == Some(&identity.subject());
        self.moderates && (is_caller || viewer.acts_on(roles.of(identity)))
    }
}

impl Place {
    /// Where it is, with the media server there.
    pub fn region<'a>(&self, app: &'a App) -> InRegion<'a> {
        app.region(&self.region)
            .unwrap_or_else(|| app.first_region())
    }

    /// The media server that has it.
    pub fn livekit<'a>(&self, app: &'a App) -> &'a LiveKit {
        self.region(app).livekit
    }

    /// Upon whom here the caller may act.
    pub async fn reach(&self, app: &App, caller: &Caller) -> Result<Reach, DbError> {
        let own = match &self.standing {
            Some(standing) => {
                let roles = Roles::of_room(app, standing.id, standing.owner).await?;
                Some((standing.viewer, roles))
            }
            None => None,
        };
        Ok(Reach {
            own,
            caller: caller.subject().cloned(),
            moderates: caller.on_site().may(Right::ModerateRooms),
        })
    }
}

/// Which room this is, live or not.
pub async fn find(app: &App, name: &LiveRoomName, caller: &Caller) -> Result<Place, LiveRoomError> {
    let ids = Vec::from_iter(room_id(name.as_str()));
    let standings = rooms::standings(&app.db, &ids, caller).await?;
    let living = standings.into_values().find(|room| !room.deleted);
    let name = name.livekit_name();
    let region = match &living {
        Some(_) => region::of_room(app, &name).await?,
        None => app.first_region(),
    };
    Ok(Place {
        region: region.name.clone(),
        name,
        own: living.as_ref().map(Standing::known),
        standing: living,
    })
}

/// One participant of the room.
pub async fn participant(
    app: &App,
    place: &Place,
    identity: &Identity,
) -> Result<proto::ParticipantInfo, LiveRoomError> {
    Ok(place
        .livekit(app)
        .get_participant(&place.name, identity, app.now())
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
            locked: room.locked,
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
