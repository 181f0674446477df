//! Lists every room that is live on the media server.

use axum::extract::State;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{error::LiveRoomError, model::LiveRoom, place};
use crate::{
    accounts::SeesRooms,
    app::App,
    clock::Timestamp,
    config::RegionName,
    http::{
        Json, Problem, Query,
        openapi::{self, LONGEST_QUERY},
    },
    rooms::caller::Caller,
};

/// Which live rooms are asked for.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListLiveRooms {
    /// Part of a name: on the media server, or of the site's room.
    #[garde(length(chars, max = LONGEST_QUERY))]
    #[param(schema_with = openapi::query)]
    query: Option<String>,
}

/// Every room that is live.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveRooms {
    /// Newest first.
    items: Vec<LiveRoom>,
    /// Regions that did not answer: what is live there is not in the list.
    #[schema(value_type = Vec<String>)]
    missing_regions: Vec<RegionName>,
    /// When the media server was asked.
    asked_at: Timestamp,
    /// When this server last compared its record with the media server; `null`: not since it started.
    #[schema(required = true)]
    reconciled_at: Option<Timestamp>,
}

/// Every live room, also those that programs made.
#[utoipa::path(
    get, path = "/api/livekit/rooms", tag = "live-rooms", operation_id = "listLiveRooms",
    params(ListLiveRooms),
    responses((status = 200, body = LiveRooms), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn list(
    State(app): State<App>,
    SeesRooms(current): SeesRooms,
    Query(filter): Query<ListLiveRooms>,
) -> Result<Json<LiveRooms>, Problem> {
    let wanted = filter.query.unwrap_or_default().to_lowercase();
    Ok(Json(apply(&app, &Caller::user(current), &wanted).await?))
}

async fn apply(app: &App, caller: &Caller, wanted: &str) -> Result<LiveRooms, LiveRoomError> {
    let asked_at = app.now();
    let mut items = Vec::new();
    let mut missing_regions = Vec::new();
    for region in app.every_region() {
        // One that is known to be down holds up the list of none that is there.
        if app.regions.are_several() && !region.is_ready() {
            missing_regions.push(region.name.clone());
            continue;
        }
        let rooms = match region.livekit.list_rooms(asked_at).await {
            Ok(rooms) => rooms,
            Err(error) if app.regions.are_several() => {
                tracing::warn!(region = %region.name, %error, "the rooms of a region cannot be listed");
                missing_regions.push(region.name.clone());
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let names = rooms.iter().map(|room| room.name.as_str());
        let mut on_record = place::on_record(app, names, caller).await?;
        let is_first = region.name == app.first_region().name;
        let rooms = rooms.into_iter().filter_map(|room| {
            let site_room = on_record.remove(&room.name);
            // Whatever others made on a media server elsewhere is no business of this site.
            let is_shown = is_first || site_room.is_some();
            is_shown.then(|| LiveRoom::from_livekit(room, site_room, region.name))
        });
        items.extend(rooms.filter(|room| is_called(room, wanted)));
    }
    items.sort_by(|a, b| (b.created_at, &a.name).cmp(&(a.created_at, &b.name)));
    Ok(LiveRooms {
        items,
        missing_regions,
        asked_at,
        reconciled_at: app.reconciled.at(),
    })
}

fn is_called(room: &LiveRoom, wanted: &str) -> bool {
    let own = room.site_room.iter();
    let names = own.flat_map(|own| [own.name.to_string(), own.slug.to_string()]);
    names
        .chain([room.name.clone()])
        .any(|name| name.to_lowercase().contains(wanted))
}
