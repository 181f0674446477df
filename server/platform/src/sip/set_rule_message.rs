//! Changes a dispatch rule as LiveKit has it; for administrators.

use axum::extract::State;

use super::{
    find,
    message::{Entry, Message, UnknownKind},
};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    happenings::{self, Happening, SipEntry},
    http::{Json, Path, Problem},
};

/// Sets a rule anew in LiveKit's own JSON. What is left out is empty.
#[utoipa::path(
    put, path = "/api/sip/rules/{id}/message", tag = "sip", operation_id = "setSipRuleMessage",
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
    let old = find::rule(&app, &id).await?;
    if !old.is_known() {
        return Err(UnknownKind.into());
    }
    let new = input.in_place_of(old)?;
    let set = app.livekit.replace_dispatch_rule(new, app.now()).await?;
    let happening = Happening::SipRuleUpdated(SipEntry {
        id: &id,
        name: &set.name,
    });
    let by = Actor::user(&admin.user);
    happenings::tell_alone(&app, Some(&by), None, &happening).await?;
    Ok(Json(Message::of(&set)?))
}
