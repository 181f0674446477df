//! Changes a trunk as LiveKit has it; for administrators.

use axum::extract::State;

use super::{
    find::{self, KeptTrunk},
    message::Message,
};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening, SipEntry},
    http::{Json, Path, Problem},
};

/// Sets a trunk anew in LiveKit's own JSON. What is left out is empty; its password stays where none is given.
#[utoipa::path(
    put, path = "/api/sip/trunks/{id}/message", tag = "sip", operation_id = "setSipTrunkMessage",
    params(("id" = String, Path)), request_body = Message,
    responses(
        (status = 200, body = Message),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn set(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<String>,
    Json(input): Json<Message>,
) -> Result<Json<Message>, Problem> {
    let now = app.now();
    let (set, name) = match find::trunk(&app, &id).await? {
        KeptTrunk::Inbound(old) => {
            let new = input.in_place_of(old)?;
            let set = app.livekit.replace_inbound_trunk(new, now).await?;
            (Message::of(&set)?, set.name)
        }
        KeptTrunk::Outbound(old) => {
            let new = input.in_place_of(old)?;
            let set = app.livekit.replace_outbound_trunk(new, now).await?;
            (Message::of(&set)?, set.name)
        }
    };
    let happening = Happening::SipTrunkUpdated(SipEntry {
        id: &id,
        name: &name,
    });
    let by = Actor::user(&admin.user);
    happenings::tell_alone(&app, Some(&by), None, &happening).await?;
    Ok(Json(set))
}
