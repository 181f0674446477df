//! `POST /delegate_delayed_leave`: a client that is in a call hands over its delayed leave event.

use std::sync::Arc;

use axum::{body::Body, extract::State, response::Response};
use http::StatusCode;

use crate::{
    access::Access,
    alias,
    app::App,
    body,
    error::{MatrixError, json_line},
    go_json::{Record, Slot},
    handover::Handover,
    member::{Member, MemberBody},
    openid::{OpenIdBody, OpenIdToken},
};

#[derive(Default)]
struct DelegateBody {
    room_id: String,
    slot_id: String,
    openid_token: OpenIdBody,
    member: MemberBody,
    delay_id: String,
    delay_timeout: i64,
    /// Older clients send it; where a homeserver is, it says itself.
    delay_cs_api_url: String,
}

impl Record for DelegateBody {
    fn fields(&mut self) -> Vec<(&'static str, Slot<'_>)> {
        vec![
            ("room_id", Slot::Text(&mut self.room_id)),
            ("slot_id", Slot::Text(&mut self.slot_id)),
            ("openid_token", Slot::Record(&mut self.openid_token)),
            ("member", Slot::Record(&mut self.member)),
            ("delay_id", Slot::Text(&mut self.delay_id)),
            ("delay_timeout", Slot::Integer(&mut self.delay_timeout)),
            ("delay_cs_api_url", Slot::Text(&mut self.delay_cs_api_url)),
        ]
    }
}

struct Delegate {
    matrix_room: String,
    slot: String,
    member: Member,
    token: OpenIdToken,
    handover: Handover,
}

impl DelegateBody {
    fn parse(self) -> Result<Delegate, MatrixError> {
        if self.room_id.is_empty() || self.slot_id.is_empty() {
            return Err(MatrixError::bad_json(
                "The request body is missing `room_id` or `slot_id`",
            ));
        }
        Ok(Delegate {
            matrix_room: self.room_id,
            slot: self.slot_id,
            member: self.member.parse(
                "The request body `member` is missing `id`, `claimed_user_id` or `claimed_device_id`",
            )?,
            token: self.openid_token.parse(
                "The request body `openid_token` is missing `access_token` or `matrix_server_name`",
            )?,
            handover: Handover::parse(self.delay_id, self.delay_timeout)?,
        })
    }
}

#[derive(serde::Serialize)]
struct Delegated {}

pub async fn delegate_delayed_leave(
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Response, MatrixError> {
    let request = body::read::<DelegateBody>(body).await?.parse()?;
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
