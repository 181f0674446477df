//! Calls somebody into a room; for administrators.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use livekit_protocol as proto;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::field::{LONGEST_TEXT, needed_text, text};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening},
    http::{Json, Problem, SiteAddress},
    rooms::{self, named, region},
};

/// Whom to call into which room.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeCall {
    /// The trunk that it goes out by.
    #[garde(length(chars, min = 1, max = LONGEST_TEXT))]
    #[schema(schema_with = needed_text)]
    trunk_id: String,
    /// The number.
    #[garde(length(chars, min = 1, max = LONGEST_TEXT))]
    #[schema(schema_with = needed_text)]
    to: String,
    /// The link of one of our rooms, or a room's name on the media server.
    #[garde(length(chars, min = 1, max = LONGEST_TEXT))]
    #[schema(schema_with = needed_text)]
    room: String,
    /// What others in the room see; empty: the number.
    #[garde(length(chars, max = LONGEST_TEXT))]
    #[serde(default)]
    #[schema(schema_with = text)]
    name: String,
    /// Digits to enter once somebody has picked up, such as an extension; `w` waits half a second.
    #[garde(length(chars, max = LONGEST_TEXT))]
    #[serde(default)]
    #[schema(schema_with = text)]
    dtmf: String,
}

/// A call that has been begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeCall {
    /// The room's name on the media server.
    room: String,
    /// Who they are in the room, once they have picked up.
    identity: String,
    /// `SCL_…`; empty where the media server does not tell.
    call_id: String,
}

/// Calls somebody into a room. It answers once the call has been begun; whether they pick up, the list of calls says.
#[utoipa::path(
    post, path = "/api/sip/calls", tag = "sip", operation_id = "makeSipCall", request_body = MakeCall,
    responses(
        (status = 201, body = MadeCall),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn make(
    State(app): State<App>,
    Admin(admin): Admin,
    site: SiteAddress,
    Json(input): Json<MakeCall>,
) -> Result<(StatusCode, Json<MadeCall>), Problem> {
    let room = named::find(&app, &site, "room", &input.room).await?;
    // One of ours is opened as it is set, before the call opens it.
    region::refuse_elsewhere(&app, &room).await?;
    rooms::open_by_name(&app, &room).await?;
    let name = if input.name.is_empty() {
        input.to.clone()
    } else {
        input.name
    };
    let call = proto::CreateSipParticipantRequest {
        sip_trunk_id: input.trunk_id,
        sip_call_to: input.to.clone(),
        room_name: room.0.clone(),
        participant_name: name,
        dtmf: input.dtmf,
        play_dialtone: true,
        ..Default::default()
    };
    // Whoever hangs up here has called somebody all the same: that is on record.
    let done = tokio::spawn(async move {
        let made = app.livekit.make_call(&call, app.now()).await?;
        let happening = Happening::SipCallMade {
            id: &made.sip_call_id,
            room: &room.0,
            to: &input.to,
        };
        let by = Actor::user(&admin.user);
        happenings::tell_alone(&app, Some(&by), None, &happening).await?;
        let made = MadeCall {
            room: made.room_name,
            identity: made.participant_identity,
            call_id: made.sip_call_id,
        };
        Ok((StatusCode::CREATED, Json(made)))
    });
    done.await.map_err(|error| Problem::internal(&error))?
}
