//! Lists trunks; for administrators.

use axum::extract::State;

use super::trunk::Trunk;
use crate::{
    accounts::{CurrentUser, Right, SeesSite},
    app::App,
    http::{Json, Problem},
};

/// All trunks, those that calls come in by first. Who only looks sees neither what headers hold nor metadata.
#[utoipa::path(
    get, path = "/api/sip/trunks", tag = "sip", operation_id = "listSipTrunks",
    responses(
        (status = 200, body = Vec<Trunk>),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(
    State(app): State<App>,
    _: SeesSite,
    who: CurrentUser,
) -> Result<Json<Vec<Trunk>>, Problem> {
    let now = app.now();
    let inbound = app.livekit.inbound_trunks(None, now).await?;
    let outbound = app.livekit.outbound_trunks(None, now).await?;
    let inbound = inbound.into_iter().map(Trunk::from);
    let trunks = inbound.chain(outbound.into_iter().map(Trunk::from));
    if who.user.role.may(Right::Administer) {
        Ok(Json(trunks.collect()))
    } else {
        Ok(Json(trunks.map(Trunk::without_secrets).collect()))
    }
}
