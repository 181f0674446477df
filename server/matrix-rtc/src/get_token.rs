//! `POST /get_token`: a token for a member of a call (MSC4195).

use std::sync::Arc;

use axum::{body::Body, extract::State, response::Response};

use crate::{
    admission::Admission,
    alias,
    app::App,
    body,
    error::MatrixError,
    go_json::{Record, Slot},
    handover::Handover,
    member::{Member, MemberBody},
    openid::{OpenIdBody, OpenIdToken},
};

#[derive(Default)]
struct GetTokenBody {
    room_id: String,
    slot_id: String,
    openid_token: OpenIdBody,
    member: MemberBody,
    delay_id: String,
    delay_timeout: i64,
    /// Older clients send it; where a homeserver is, it says itself.
    delay_cs_api_url: String,
}

impl Record for GetTokenBody {
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

struct GetToken {
    matrix_room: String,
    slot: String,
    member: Member,
    token: OpenIdToken,
    handover: Option<Handover>,
}

impl GetTokenBody {
    fn parse(self) -> Result<GetToken, MatrixError> {
        if self.room_id.is_empty() || self.slot_id.is_empty() {
            return Err(MatrixError::bad_json(
                "The request body is missing `room_id` or `slot_id`",
            ));
        }
        Ok(GetToken {
            matrix_room: self.room_id,
            slot: self.slot_id,
            member: self.member.parse(
                "The request body `member` is missing a `id`, `claimed_user_id` or `claimed_device_id`",
            )?,
            token: self.openid_token.parse(
                "The request body `openid_token` is missing a `access_token` or `matrix_server_name`",
            )?,
            handover: Handover::parse_optional(self.delay_id, self.delay_timeout)?,
        })
    }
}

pub async fn get_token(State(app): State<Arc<App>>, body: Body) -> Result<Response, MatrixError> {
    let request = body::read::<GetTokenBody>(body).await?.parse()?;
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
