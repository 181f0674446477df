//! Shows a trunk in LiveKit's own JSON; for administrators.

use axum::extract::State;

use super::{
    find::{self, KeptTrunk},
    message::Message,
};
use crate::{
    accounts::Admin,
    app::App,
    http::{Json, Path, Problem},
};

/// A trunk as LiveKit has it, with LiveKit's names and all that the media server keeps of it but its password.
#[utoipa::path(
    get, path = "/api/sip/trunks/{id}/message", tag = "sip", operation_id = "showSipTrunkMessage",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Message),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn show(
    State(app): State<App>,
    _: Admin,
    Path(id): Path<String>,
) -> Result<Json<Message>, Problem> {
    let message = match find::trunk(&app, &id).await? {
        KeptTrunk::Inbound(trunk) => Message::of(&trunk)?,
        KeptTrunk::Outbound(trunk) => Message::of(&trunk)?,
    };
    Ok(Json(message))
}
