//! Changes an ingress; for administrators.

use axum::extract::State;
use garde::Validate;
use livekit_protocol as proto;
use serde::Deserialize;
use utoipa::{ToSchema, openapi::Object};

use super::{
    list::one,
    model::{Ingress, LONGEST_NAME, told},
};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening},
    http::{Json, Path, Problem, SiteAddress, openapi},
    livekit::identity::Identity,
    rooms::named::{self, LONGEST_ROOM},
};

/// What is to be different; what is left out or `null` stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateIngress {
    #[garde(inner(length(chars, min = 1, max = LONGEST_NAME)))]
    #[serde(default)]
    #[schema(schema_with = name)]
    name: Option<String>,
    /// The link of one of our rooms, or a room's name on the media server.
    #[garde(inner(length(chars, min = 1, max = LONGEST_ROOM)))]
    #[serde(default)]
    #[schema(schema_with = room)]
    room: Option<String>,
    #[garde(inner(length(chars, min = 1, max = LONGEST_NAME)))]
    #[serde(default)]
    #[schema(schema_with = name)]
    participant_name: Option<String>,
    /// Who the stream is in the room; nobody of the site's own.
    #[garde(skip)]
    #[serde(default)]
    participant_identity: Option<Identity>,
    /// Whether an encoder may begin to publish; one that publishes goes on.
    #[garde(skip)]
    #[serde(default)]
    enabled: Option<bool>,
}

fn name() -> Object {
    openapi::or_null(openapi::text(1..=LONGEST_NAME))
}

fn room() -> Object {
    openapi::or_null(openapi::text(1..=LONGEST_ROOM))
}

/// Changes an ingress. Whoever publishes by it goes on as before.
#[utoipa::path(
    patch, path = "/api/ingress/{id}", tag = "ingress", operation_id = "updateIngress",
    params(("id" = String, Path)), request_body = UpdateIngress,
    responses(
        (status = 200, body = Ingress),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn update(
    State(app): State<App>,
    site: SiteAddress,
    Admin(admin): Admin,
    Path(id): Path<String>,
    Json(input): Json<UpdateIngress>,
) -> Result<Json<Ingress>, Problem> {
    if let Some(identity) = &input.participant_identity
        && (identity.is_ours() || identity.is_second_connection())
    {
        let says = "People of the site are called like this. Choose another one.";
        return Err(Problem::invalid_field(
            "participant_identity",
            "invalid",
            says,
        ));
    }
    let room_name = match &input.room {
        Some(room) => named::find(&app, &site, "room", room).await?.0,
        None => String::new(),
    };
    let request = proto::UpdateIngressRequest {
        ingress_id: id,
        name: input.name.unwrap_or_default(),
        room_name,
        participant_name: input.participant_name.unwrap_or_default(),
        participant_identity: input
            .participant_identity
            .map(|identity| identity.to_string())
            .unwrap_or_default(),
        enabled: input.enabled,
        ..proto::UpdateIngressRequest::default()
    };
    let updated = app.livekit.update_ingress(&request, app.now()).await?;
    let happening = Happening::IngressUpdated {
        ingress: told(&updated),
        enabled: updated.enabled != Some(false),
        identity: &updated.participant_identity,
        participant_name: &updated.participant_name,
    };
    let by = Actor::user(&admin.user);
    happenings::tell_alone(&app, Some(&by), None, &happening).await?;
    one(&app, &site, updated).await
}
