//! Makes an ingress; for administrators.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use livekit_protocol as proto;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    list::one,
    model::{Ingress, IngressKind, LONGEST_NAME, name, told},
};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening},
    http::{Json, Problem, SiteAddress},
    rooms::named::{self, LONGEST_ROOM},
};

/// What is streamed where.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateIngress {
    #[garde(length(chars, min = 1, max = LONGEST_NAME))]
    #[schema(schema_with = required_name)]
    name: String,
    #[garde(skip)]
    kind: IngressKind,
    /// The link of one of our rooms, or a room's name on the media server.
    #[garde(length(chars, min = 1, max = LONGEST_ROOM))]
    #[schema(schema_with = named::schema)]
    room: String,
    /// As people in the room see it; its name when left out.
    #[garde(length(chars, max = LONGEST_NAME))]
    #[serde(default)]
    #[schema(schema_with = name)]
    participant_name: String,
}

fn required_name() -> utoipa::openapi::Object {
    crate::http::openapi::text(1..=LONGEST_NAME).build()
}

/// Makes an ingress with a stream key of its own.
#[utoipa::path(
    post, path = "/api/ingress", tag = "ingress", operation_id = "createIngress", request_body = CreateIngress,
    responses(
        (status = 201, body = Ingress),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn create(
    State(app): State<App>,
    site: SiteAddress,
    Admin(admin): Admin,
    Json(input): Json<CreateIngress>,
) -> Result<(StatusCode, Json<Ingress>), Problem> {
    let input_type = match input.kind {
        IngressKind::Whip => proto::IngressInput::WhipInput,
        IngressKind::Rtmp => proto::IngressInput::RtmpInput,
        IngressKind::Url => {
            let says = "Streams that are fetched are made with LiveKit's SDKs.";
            return Err(Problem::invalid_field("kind", "invalid", says));
        }
    };
    let room = named::find(&app, &site, "room", &input.room).await?;
    let participant_name = match input.participant_name.trim() {
        "" => input.name.clone(),
        name => name.to_owned(),
    };
    let request = proto::CreateIngressRequest {
        input_type: input_type.into(),
        name: input.name,
        room_name: room.0,
        // Nobody's own identity has this form.
        participant_identity: format!("ingress-{}", app.random.token()),
        participant_name,
        enabled: Some(true),
        ..proto::CreateIngressRequest::default()
    };
    let made = app.livekit.create_ingress(&request, app.now()).await?;
    let happening = Happening::IngressCreated(told(&made));
    let by = Actor::user(&admin.user);
    happenings::tell_alone(&app, Some(&by), None, &happening).await?;
    Ok((StatusCode::CREATED, one(&app, &site, made).await?))
}
