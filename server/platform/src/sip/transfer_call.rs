//! Sends a call on to another number; for administrators.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::field::{LONGEST_TEXT, needed_text};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening},
    http::{Json, Problem},
    livekit::{identity::Identity, room_service::RoomName},
};

/// Which call goes where.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferCall {
    /// The room's name on the media server.
    #[garde(length(chars, min = 1, max = LONGEST_TEXT))]
    #[schema(schema_with = needed_text)]
    room: String,
    /// Who is on the telephone.
    #[garde(skip)]
    identity: Identity,
    /// A number as `tel:+15105550100`, or an address as `sip:+15105550100@example.org`.
    #[garde(length(chars, min = 1, max = LONGEST_TEXT))]
    #[schema(schema_with = needed_text)]
    to: String,
}

/// Sends a call on to another number, and out of the room. It answers when the other side has taken it.
#[utoipa::path(
    post, path = "/api/sip/calls/transfer", tag = "sip", operation_id = "transferSipCall", request_body = TransferCall,
    responses(
        (status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn transfer(
    State(app): State<App>,
    Admin(admin): Admin,
    Json(input): Json<TransferCall>,
) -> Result<StatusCode, Problem> {
    // Whoever hangs up here has sent the call on all the same: that is on record.
    let done = tokio::spawn(async move {
        let room = RoomName(input.room);
        let transferred = app
            .livekit
            .transfer_call(&room, &input.identity, &input.to, app.now());
        transferred.await?;
        let happening = Happening::SipCallTransferred {
            identity: &input.identity,
            room: &room.0,
            to: &input.to,
        };
        let by = Actor::user(&admin.user);
        happenings::tell_alone(&app, Some(&by), None, &happening).await?;
        Ok(StatusCode::NO_CONTENT)
    });
    done.await.map_err(|error| Problem::internal(&error))?
}
