//! Lists who is on the telephone now; for administrators.

use axum::extract::State;
use futures::{StreamExt, TryStreamExt, stream};
use livekit_protocol as proto;
use proto::participant_info::Kind;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    accounts::SeesSite,
    app::App,
    clock::Timestamp,
    http::{Json, Problem},
    livekit::{
        LiveKitError,
        room_service::{RoomName, joined_at},
    },
    rooms::Slug,
    rooms::named,
};

/// Rooms that are asked at once.
const AT_ONCE: usize = 8;
/// Rooms that are looked into, those with the most people first.
const MOST_ROOMS: usize = 200;

/// Somebody on the telephone.
#[derive(Debug, Serialize, ToSchema)]
pub struct PhoneCall {
    /// The room's name on the media server.
    room: String,
    /// `null`: the room is none of ours.
    #[schema(required = true)]
    link: Option<Slug>,
    identity: String,
    name: String,
    /// `sip.callStatus`: `dialing`, `ringing`, `active`, `automation` or `hangup`; empty where the SIP service does not say.
    status: String,
    /// Theirs; empty where it is hidden.
    number: String,
    /// Ours.
    trunk_number: String,
    trunk_id: String,
    /// The rule that let them in; empty for a call that went out.
    rule_id: String,
    call_id: String,
    since: Timestamp,
}

/// Who is on the telephone in the 200 largest rooms.
#[utoipa::path(
    get, path = "/api/sip/calls", tag = "sip", operation_id = "listSipCalls",
    responses(
        (status = 200, body = Vec<PhoneCall>),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(State(app): State<App>, _: SeesSite) -> Result<Json<Vec<PhoneCall>>, Problem> {
    let now = app.now();
    let mut rooms = app.livekit.list_rooms(now).await?;
    rooms.retain(|room| room.num_participants > 0);
    rooms.sort_unstable_by_key(|room| std::cmp::Reverse(room.num_participants));
    rooms.truncate(MOST_ROOMS);
    let links = named::links(&app, rooms.iter().map(|room| room.name.as_str())).await?;
    let livekit = &app.livekit;
    let found: Vec<Vec<PhoneCall>> = stream::iter(rooms)
        .map(async |live| {
            let name = RoomName(live.name);
            let people = livekit.list_participants(&name, now).await?;
            let link = links.get(&name.0);
            let calls = people.into_iter().filter(|info| info.kind() == Kind::Sip);
            Ok(calls.map(|info| call(&name, link, info)).collect())
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await
        .map_err(|error: LiveKitError| Problem::from(error))?;
    Ok(Json(found.into_iter().flatten().collect()))
}

/// Attributes are LiveKit's, see its `sip/pkg/sip/participant.go`.
fn call(room: &RoomName, link: Option<&Slug>, mut info: proto::ParticipantInfo) -> PhoneCall {
    let since = joined_at(&info);
    let mut attribute = |name: &str| info.attributes.remove(name).unwrap_or_default();
    PhoneCall {
        room: room.0.clone(),
        link: link.cloned(),
        status: attribute("sip.callStatus"),
        number: attribute("sip.phoneNumber"),
        trunk_number: attribute("sip.trunkPhoneNumber"),
        trunk_id: attribute("sip.trunkID"),
        rule_id: attribute("sip.ruleID"),
        call_id: attribute("sip.callID"),
        identity: info.identity,
        name: info.name,
        since,
    }
}
