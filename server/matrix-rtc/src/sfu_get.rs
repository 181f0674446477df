//! `POST /sfu/get`: a token for clients from before Matrix 2.0.

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
    openid::{OpenIdBody, OpenIdToken},
};

#[derive(Default)]
struct SfuGetBody {
    room: String,
    openid_token: OpenIdBody,
    device_id: String,
    delay_id: String,
    delay_timeout: i64,
    /// Older clients send it; where a homeserver is, it says itself.
    delay_cs_api_url: String,
}

impl Record for SfuGetBody {
    fn fields(&mut self) -> Vec<(&'static str, Slot<'_>)> {
        vec![
            ("room", Slot::Text(&mut self.room)),
            ("openid_token", Slot::Record(&mut self.openid_token)),
            ("device_id", Slot::Text(&mut self.device_id)),
            ("delay_id", Slot::Text(&mut self.delay_id)),
            ("delay_timeout", Slot::Integer(&mut self.delay_timeout)),
            ("delay_cs_api_url", Slot::Text(&mut self.delay_cs_api_url)),
        ]
    }
}

struct SfuGet {
    matrix_room: String,
    token: OpenIdToken,
    /// May be empty: some clients have none.
    device: String,
    handover: Option<Handover>,
}

impl SfuGetBody {
    fn parse(self) -> Result<SfuGet, MatrixError> {
        if self.room.is_empty() {
            return Err(MatrixError::bad_json("Missing room parameter"));
        }
        Ok(SfuGet {
            matrix_room: self.room,
            token: self.openid_token.parse("Missing OpenID token parameters")?,
            device: self.device_id,
            handover: Handover::parse_optional(self.delay_id, self.delay_timeout)?,
        })
    }
}

pub async fn sfu_get(State(app): State<Arc<App>>, body: Body) -> Result<Response, MatrixError> {
    let request = body::read::<SfuGetBody>(body).await?.parse()?;
    let requester = request.token.verify(&app.homeservers, None).await?;
    let admission = Admission {
        room: alias::room(&request.matrix_room, alias::LEGACY_SLOT),
        identity: alias::legacy_identity(&requester.user, &request.device)
            .map_err(|_| MatrixError::Internal)?,
        requester,
        handover: request.handover,
    };
    admission.grant(&app).await
}
