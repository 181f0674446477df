//! In which region a room's call is: it is put somewhere when the first one joins, and stays there while anybody is in it and
//! its media server answers.

use std::time::Duration;

use http::StatusCode;
use thiserror::Error;

use super::{
    access::Refusal,
    found::Found,
    join::JoinRoomError,
    model::RoomRegion,
    open::{self, OpenRoomError},
    store::{self, RoomRow},
};
use crate::{
    app::App,
    clock::Timestamp,
    config::RegionName,
    db::DbError,
    http::Problem,
    livekit::{InRegion, LiveKit, LiveKitError, room_service::RoomName},
    meetings,
};

/// Whoever was let in is on their way, and whoever comes after them comes to the same place: longer than a token that
/// is used past the site is good for.
const ON_THEIR_WAY: Duration = Duration::from_secs(90);

/// A region that this site does not have.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no region of this name")]
pub struct UnknownRegion;

/// The answer to whoever named one in this field.
pub(super) fn unknown(field: &'static str) -> Problem {
    Problem::invalid_field(field, "unknown_region", "This site has no such region.")
}

/// The room's call is in a region where something is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("The call of this room is in another region, where this cannot be done.")]
pub struct OtherRegion;

impl From<OtherRegion> for Problem {
    fn from(error: OtherRegion) -> Problem {
        Problem::new(StatusCode::CONFLICT, "other_region", error.to_string())
    }
}

/// The region that somebody named, if they did.
pub(super) fn named<'a>(
    app: &'a App,
    name: Option<&str>,
) -> Result<Option<&'a RegionName>, UnknownRegion> {
    let Some(name) = name else { return Ok(None) };
    let mut regions = app.every_region();
    let region = regions.find(|region| region.name.as_str() == name);
    region.map(|region| Some(region.name)).ok_or(UnknownRegion)
}

/// Whether calls can be there.
pub(super) fn check(app: &App, region: &RoomRegion) -> Result<(), UnknownRegion> {
    match region {
        RoomRegion::Automatic => Ok(()),
        RoomRegion::Named(name) => app.region(name).map(|_| ()).ok_or(UnknownRegion),
    }
}

fn of_text<'a>(app: &'a App, region: Option<&str>) -> Option<InRegion<'a>> {
    match region {
        None => Some(app.first_region()),
        Some(name) => app
            .every_region()
            .find(|region| region.name.as_str() == name),
    }
}

/// Where a room's call is, or was last; nowhere when the configuration has no such region any more.
pub(super) fn of_call<'a>(app: &'a App, room: &RoomRow) -> Option<InRegion<'a>> {
    of_text(app, room.call_region.as_deref())
}

/// Whether that is the first region.
pub(super) fn is_first(app: &App, region: Option<InRegion<'_>>) -> bool {
    region.is_none_or(|region| region.name == app.first_region().name)
}

/// Where the call is of the room that the media server calls so. Rooms that are not the site's are in the first region.
pub async fn of_room<'a>(app: &'a App, name: &RoomName) -> Result<InRegion<'a>, DbError> {
    if !app.regions.are_several() {
        return Ok(app.first_region());
    }
    let region = store::call_region(&app.db, &name.0).await?;
    Ok(of_text(app, region.as_deref()).unwrap_or_else(|| app.first_region()))
}

/// The media server that has the room's call.
pub async fn livekit_of<'a>(app: &'a App, name: &RoomName) -> Result<&'a LiveKit, DbError> {
    Ok(of_room(app, name).await?.livekit)
}

/// Whether the room's call is beside the first region, where recorders, encoders, agents and programs are.
pub async fn is_elsewhere(app: &App, name: &RoomName) -> Result<bool, DbError> {
    let region = of_room(app, name).await?;
    Ok(!is_first(app, Some(region)))
}

/// Turns away what is only done in the first region.
pub async fn refuse_elsewhere(app: &App, name: &RoomName) -> Result<(), Problem> {
    if is_elsewhere(app, name).await? {
        return Err(OtherRegion.into());
    }
    Ok(())
}

/// The media server for somebody who is let in, with the room open there. One that is down is left: the call goes on in
/// another region.
pub(super) async fn enter<'a>(
    app: &'a App,
    found: &Found,
    nearest: Option<&RegionName>,
) -> Result<&'a LiveKit, JoinRoomError> {
    let first = &app.livekit;
    if !app.regions.are_several() {
        // At our own signal socket whoever comes in opens it.
        if first.endpoint().public_ws_url.is_some() && found.call.live == 0 {
            open::open(app, first, &found.room).await?;
        }
        return Ok(first);
    }
    let mut usable: Vec<_> = app.every_region().filter(InRegion::is_ready).collect();
    loop {
        let region = assign(app, found, nearest, &usable).await?;
        // Whether it answers is known for sure once it has opened the room.
        match open::open(app, region.livekit, &found.room).await {
            Ok(()) => return Ok(region.livekit),
            Err(OpenRoomError::Media(
                cause @ (LiveKitError::Unreachable(_) | LiveKitError::Timeout),
            )) => {
                tracing::warn!(region = %region.name, room = %found.room.id, %cause, "a region is left that does not answer");
                usable.retain(|other| other.name != region.name);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Decides where the call is, and writes it down.
async fn assign<'a>(
    app: &'a App,
    found: &Found,
    nearest: Option<&RegionName>,
    usable: &[InRegion<'a>],
) -> Result<InRegion<'a>, JoinRoomError> {
    let (room, now) = (found.room.id, app.now());
    let mut tx = app.db.begin().await?;
    let row = store::call_region_to_change(&mut tx, room).await?;
    let on_their_way = |at: Timestamp| at + ON_THEIR_WAY > now && at <= now;
    let chosen = match row.as_ref().map(|row| &row.region) {
        Some(RoomRegion::Named(name)) => Some(name),
        Some(RoomRegion::Automatic) | None => None,
    };
    let current = of_text(app, row.as_ref().and_then(|row| row.call_region.as_deref()));
    let held = row
        .as_ref()
        .and_then(|row| row.call_region_at)
        .is_some_and(on_their_way);
    let wishes = Wishes {
        current: current.map(|region| region.name),
        stays: found.call.live > 0 || held,
        chosen,
        nearest,
    };
    let names: Vec<_> = usable.iter().map(|region| region.name).collect();
    let decided = wishes.decide(&names);
    let region = usable
        .iter()
        .find(|region| Some(region.name) == decided)
        .ok_or(JoinRoomError::Refused(Refusal::MediaUnavailable))?;
    store::set_call_region(&mut tx, room, region.name.as_str(), now).await?;
    tx.commit().await?;
    if row.is_some() && current.is_none_or(|current| current.name != region.name) {
        tracing::info!(%room, region = %region.name, "the room's calls are in another region from now on");
        meetings::cut_room_until(app, &found.room.known(), app.now()).await?;
    }
    Ok(*region)
}

/// What speaks for a region.
struct Wishes<'a> {
    /// Where the call is, or was last.
    current: Option<&'a RegionName>,
    /// Whether anybody is there, or on their way.
    stays: bool,
    /// By the room's owner.
    chosen: Option<&'a RegionName>,
    /// To whoever joins.
    nearest: Option<&'a RegionName>,
}

impl<'a> Wishes<'a> {
    /// One of those that answer, which are in the order of the configuration.
    fn decide(&self, usable: &[&'a RegionName]) -> Option<&'a RegionName> {
        let stays = self.current.filter(|_| self.stays);
        // A region that the owner chose and that is down leaves the choice to who joins.
        let order = [stays, self.chosen, self.nearest, self.current];
        let wished = order.into_iter().flatten();
        let all = usable.iter().copied();
        wished.chain(all).find(|region| usable.contains(region))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_where_people_are_then_where_its_owner_then_where_who_joins_wants_it() {
        let [eu, us, asia] = ["eu", "us", "asia"].map(|name| name.parse::<RegionName>().unwrap());
        let all = [&eu, &us, &asia];
        let nothing = Wishes {
            current: None,
            stays: false,
            chosen: None,
            nearest: None,
        };
        assert_eq!(nothing.decide(&all), Some(&eu), "the first one");
        assert_eq!(nothing.decide(&[]), None);
        let near = Wishes {
            nearest: Some(&us),
            ..nothing
        };
        assert_eq!(near.decide(&all), Some(&us));
        let chosen = Wishes {
            chosen: Some(&asia),
            ..near
        };
        assert_eq!(chosen.decide(&all), Some(&asia));
        assert_eq!(
            chosen.decide(&[&eu, &us]),
            Some(&us),
            "the chosen one is down"
        );
        let empty = Wishes {
            current: Some(&eu),
            ..chosen
        };
        assert_eq!(empty.decide(&all), Some(&asia), "nobody is there");
        let running = Wishes {
            stays: true,
            ..empty
        };
        assert_eq!(running.decide(&all), Some(&eu), "somebody is there");
        assert_eq!(running.decide(&[&us, &asia]), Some(&asia), "it is down");
        let left = Wishes {
            chosen: None,
            nearest: None,
            ..running
        };
        assert_eq!(left.decide(&[&us, &asia]), Some(&us));
    }
}
