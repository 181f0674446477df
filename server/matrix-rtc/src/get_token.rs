//! `POST /get_token`: a token for a member of a call (MSC4195).

use std::sync::Arc;

use axum::{body::Body, extract::State, response::Response};

use crate::{
    admission::Admission, alias, app::App, body, call_body::CallBody, error::MatrixError,
    handover::Handover, member::Member, openid::OpenIdToken,
};

struct GetToken {
    matrix_room: String,
    slot: String,
    member: Member,
    token: OpenIdToken,
    handover: Option<Handover>,
}

impl GetToken {
    fn parse(body: CallBody) -> Result<Self, MatrixError> {
        body.check_slot()?;
        Ok(Self {
            matrix_room: body.room_id,
            slot: body.slot_id,
            member: body.member.parse(
                "The request body `member` is missing a `id`, `claimed_user_id` or `claimed_device_id`",
            )?,
            token: body.openid_token.parse(
                "The request body `openid_token` is missing a `access_token` or `matrix_server_name`",
            )?,
            handover: Handover::parse_optional(body.delay_id, body.delay_timeout)?,
        })
    }
}

pub async fn get_token(State(app): State<Arc<App>>, body: Body) -> Result<Response, MatrixError> {
    let request = GetToken::parse(body::read(body).await?)?;
    let member = request.member;
    let requester = request
        .token
        .verify(&app.homeservers, Some(&member.claimed_user))
        .await?;
    let admission = Admission {
        room: alias::room(&request.matrix_room, &request.slot),
        identity: alias::identity(&requester.user, &member.claimed_device, &member.id)
            .map_err(|_| MatrixError::Internal)?,
        requester,
        handover: request.handover,
    };
    admission.grant(&app).await
}
