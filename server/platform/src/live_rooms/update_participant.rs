//! Changes a participant of a live room: name, metadata, attributes, and outside the site's rooms permissions.

use std::collections::BTreeMap;

use axum::extract::State;
use garde::Validate;
use livekit_protocol as proto;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{ToSchema, openapi::Object};

use super::{
    error::LiveRoomError,
    model::{LONGEST_METADATA, LiveParticipant, LivePermission, LiveRoomName},
    place::{self, Place},
};
use crate::{
    accounts::{ModeratesRooms, UserName},
    app::App,
    audit,
    happenings::{self, Attendee, Happening},
    http::{Json, Path, Problem, openapi},
    livekit::{identity::Identity, token::Generation, track::TrackSource},
    participants,
    rooms::caller::Caller,
};

/// In bytes; LiveKit's own bound.
const LONGEST_NAME: usize = 256;

fn name() -> Object {
    openapi::or_null(openapi::text(1..=LONGEST_NAME))
}

fn metadata() -> Object {
    openapi::or_null(openapi::text(1..=LONGEST_METADATA))
}

/// What changes; what is left out stays. LiveKit cannot empty a name or metadata.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateLiveParticipant {
    #[garde(length(bytes, min = 1, max = LONGEST_NAME))]
    #[schema(schema_with = name)]
    name: Option<String>,
    #[garde(length(bytes, min = 1, max = LONGEST_METADATA))]
    #[schema(schema_with = metadata)]
    metadata: Option<String>,
    /// Set one by one; an empty text deletes one.
    #[garde(skip)]
    attributes: Option<BTreeMap<String, String>>,
    /// Not in rooms of this site, which has its own permissions.
    #[garde(skip)]
    permission: Option<ChangeLivePermission>,
}

/// What the media server lets a participant do from now on; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeLivePermission {
    can_subscribe: Option<bool>,
    can_publish: Option<bool>,
    can_publish_data: Option<bool>,
    /// Every source, where empty.
    can_publish_sources: Option<Vec<TrackSource>>,
    can_update_metadata: Option<bool>,
    hidden: Option<bool>,
}

impl ChangeLivePermission {
    fn apply(self, permission: &mut proto::ParticipantPermission) {
        let set = |target: &mut bool, wanted: Option<bool>| *target = wanted.unwrap_or(*target);
        set(&mut permission.can_subscribe, self.can_subscribe);
        set(&mut permission.can_publish, self.can_publish);
        set(&mut permission.can_publish_data, self.can_publish_data);
        set(
            &mut permission.can_update_metadata,
            self.can_update_metadata,
        );
        set(&mut permission.hidden, self.hidden);
        if let Some(sources) = self.can_publish_sources {
            permission.can_publish_sources = sources
                .into_iter()
                .map(|source| proto::TrackSource::from(source).into())
                .collect();
        }
    }
}

/// Changes a participant.
#[utoipa::path(
    patch, path = "/api/livekit/rooms/{name}/participants/{identity}", tag = "live-rooms",
    operation_id = "updateLiveParticipant",
    params(("name" = LiveRoomName, Path), ("identity" = Identity, Path)),
    request_body = UpdateLiveParticipant,
    responses((status = 200, body = LiveParticipant), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn update_participant(
    State(app): State<App>,
    ModeratesRooms(current): ModeratesRooms,
    Path((name, identity)): Path<(LiveRoomName, Identity)>,
    Json(input): Json<UpdateLiveParticipant>,
) -> Result<Json<LiveParticipant>, Problem> {
    let caller = Caller::user(current);
    let place = place::find(&app, &name, &caller).await?;
    let reach = place.reach(&app, &caller).await?;
    if !reach.includes(&identity) {
        return Err(participants::runs_it_too());
    }
    let updated = apply(&app, &caller, &place, &identity, input).await?;
    Ok(Json(LiveParticipant::new(&updated, &reach)))
}

async fn apply(
    app: &App,
    caller: &Caller,
    place: &Place,
    identity: &Identity,
    input: UpdateLiveParticipant,
) -> Result<proto::ParticipantInfo, LiveRoomError> {
    if place.own.is_some() && input.permission.is_some() {
        return Err(LiveRoomError::OwnRoom);
    }
    // As everybody's there: nobody is called what cannot be seen.
    let name = match (&place.own, input.name) {
        (Some(_), Some(name)) => {
            let name: UserName = name.parse().map_err(LiveRoomError::NotAName)?;
            name.to_string()
        }
        (_, name) => name.unwrap_or_default(),
    };
    let attributes = input.attributes.unwrap_or_default();
    if attributes.contains_key(Generation::ATTRIBUTE) {
        return Err(LiveRoomError::ReservedAttribute(Generation::ATTRIBUTE));
    }
    let before = place::participant(app, place, identity).await?;
    let permission = input.permission.map(|change| {
        let mut permission = before.permission.clone().unwrap_or_default();
        change.apply(&mut permission);
        permission
    });
    let names: Vec<_> = attributes.keys().cloned().collect();
    let metadata = input.metadata.unwrap_or_default();
    let metadata_bytes = (!metadata.is_empty()).then_some(metadata.len());
    let request = proto::UpdateParticipantRequest {
        room: place.name.0.clone(),
        identity: identity.to_string(),
        name,
        metadata,
        attributes: attributes.into_iter().collect(),
        permission,
    };
    let after = place
        .livekit(app)
        .update_participant(&request, app.now())
        .await?;
    let updated = Happening::LiveParticipantUpdated {
        room: &place.name.0,
        who: Attendee {
            identity,
            name: &after.name,
        },
        detail: json!({
            "changes": audit::changes(&shown(&before), &shown(&after)),
            "attributes": names,
            "metadata_bytes": metadata_bytes,
        }),
    };
    let by = caller.actor();
    happenings::tell_alone(app, Some(&by), place.own.as_ref(), &updated).await?;
    Ok(after)
}

/// What the record tells with values; metadata and attributes may hold anything.
fn shown(info: &proto::ParticipantInfo) -> Value {
    let permission = LivePermission::from(&info.permission.clone().unwrap_or_default());
    json!({ "name": info.name, "permission": permission })
}
