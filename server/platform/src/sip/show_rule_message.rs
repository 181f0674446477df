//! Shows a dispatch rule in LiveKit's own JSON; for administrators.

use axum::extract::State;

use super::{find, message::Message};
use crate::{
    accounts::Admin,
    app::App,
    http::{Json, Path, Problem},
};

/// A rule as LiveKit has it, with LiveKit's names and all that the media server keeps of it.
#[utoipa::path(
    get, path = "/api/sip/rules/{id}/message", tag = "sip", operation_id = "showSipRuleMessage",
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
    let rule = find::rule(&app, &id).await?;
    Ok(Json(Message::of(&rule)?))
}
