//! `POST /delegate_delayed_leave`: a client that is in a call hands over its delayed leave event.

use std::sync::Arc;

use axum::{body::Body, extract::State, response::Response};
use http::StatusCode;

use crate::{
    access::Access,
    alias,
    app::App,
    body,
    call_body::CallBody,
    error::{MatrixError, json_line},
    handover::Handover,
    member::Member,
    openid::OpenIdToken,
};

struct Delegate {
    matrix_room: String,
    slot: String,
    member: Member,
    token: OpenIdToken,
    handover: Handover,
}

impl Delegate {
    fn parse(body: CallBody) -> Result<Self, MatrixError> {
        body.check_slot()?;
        Ok(Self {
            matrix_room: body.room_id,
            slot: body.slot_id,
            member: body.member.parse(
                "The request body `member` is missing `id`, `claimed_user_id` or `claimed_device_id`",
            )?,
            token: body.openid_token.parse(
                "The request body `openid_token` is missing `access_token` or `matrix_server_name`",
            )?,
            handover: Handover::parse(body.delay_id, body.delay_timeout)?,
        })
    }
}

#[derive(serde::Serialize)]
struct Delegated {}

pub async fn delegate_delayed_leave(
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Response, MatrixError> {
    let request = Delegate::parse(body::read(body).await?)?;
    let member = request.member;
    let requester = request
        .token
        .verify(&app.homeservers, Some(&member.claimed_user))
        .await?;
    if app.full_access.of(&requester.server) == Access::Restricted {
        return Err(MatrixError::Forbidden(
            "Delegation of delayed events is only supported for full access users",
        ));
    }
    request.handover.check(&app, &requester.server).await?;
    let room = alias::room(&request.matrix_room, &request.slot);
    let identity = alias::identity(&requester.user, &member.claimed_device, &member.id)
        .map_err(|_| MatrixError::Internal)?;
    tracing::info!(user = %requester.user, %room, %identity, "a delayed leave event is handed over");
    request
        .handover
        .take(&app, requester.server, room, identity)
        .await?;
    Ok(json_line(StatusCode::OK, &Delegated {}))
}
