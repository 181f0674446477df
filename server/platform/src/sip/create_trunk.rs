//! Makes a trunk; for administrators.

use axum::extract::State;
use http::StatusCode;
use livekit_protocol as proto;

use super::trunk::{Trunk, TrunkSettings};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening, SipEntry},
    http::{Json, Problem},
};

/// Makes a trunk.
#[utoipa::path(
    post, path = "/api/sip/trunks", tag = "sip", operation_id = "createSipTrunk", request_body = TrunkSettings,
    responses(
        (status = 201, body = Trunk),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn create(
    State(app): State<App>,
    Admin(admin): Admin,
    Json(input): Json<TrunkSettings>,
) -> Result<(StatusCode, Json<Trunk>), Problem> {
    let now = app.now();
    let made: Trunk = match input {
        TrunkSettings::Inbound(input) => {
            let mut trunk = proto::SipInboundTrunkInfo::default();
            input.write_into(&mut trunk);
            app.livekit.create_inbound_trunk(trunk, now).await?.into()
        }
        TrunkSettings::Outbound(input) => {
            let mut trunk = proto::SipOutboundTrunkInfo::default();
            input.write_into(&mut trunk);
            app.livekit.create_outbound_trunk(trunk, now).await?.into()
        }
    };
    let happening = Happening::SipTrunkCreated(SipEntry {
        id: &made.id,
        name: made.settings.name(),
    });
    let by = Actor::user(&admin.user);
    happenings::tell_alone(&app, Some(&by), None, &happening).await?;
    Ok((StatusCode::CREATED, Json(made)))
}
