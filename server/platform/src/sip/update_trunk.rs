//! Changes a trunk; for administrators.

use axum::extract::State;

use super::trunk::{Trunk, TrunkSettings};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening, SipEntry},
    http::{Json, Path, Problem},
};

/// Sets a trunk anew; its password stays where none is given.
#[utoipa::path(
    put, path = "/api/sip/trunks/{id}", tag = "sip", operation_id = "updateSipTrunk",
    params(("id" = String, Path)), request_body = TrunkSettings,
    responses(
        (status = 200, body = Trunk),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn update(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<String>,
    Json(input): Json<TrunkSettings>,
) -> Result<Json<Trunk>, Problem> {
    let now = app.now();
    let none = || Problem::not_found("trunk of this kind");
    let updated: Trunk = match input {
        TrunkSettings::Inbound(input) => {
            let found = app.livekit.inbound_trunks(Some(&id), now).await?;
            let mut trunk = found.into_iter().next().ok_or_else(none)?;
            input.write_into(&mut trunk);
            app.livekit.replace_inbound_trunk(trunk, now).await?.into()
        }
        TrunkSettings::Outbound(input) => {
            let found = app.livekit.outbound_trunks(Some(&id), now).await?;
            let mut trunk = found.into_iter().next().ok_or_else(none)?;
            input.write_into(&mut trunk);
            app.livekit.replace_outbound_trunk(trunk, now).await?.into()
        }
    };
    let happening = Happening::SipTrunkUpdated(SipEntry {
        id: &id,
        name: updated.settings.name(),
    });
    let by = Actor::user(&admin.user);
    happenings::tell_alone(&app, Some(&by), None, &happening).await?;
    Ok(Json(updated))
}
