//! Lists who is in a call now, as the media server sees them.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Participant, Roles};
use crate::{
    app::App,
    http::{Json, Path, Problem},
    rooms::{self, Slug, caller::Caller, region, view},
};

/// Everybody in the call.
#[derive(Debug, Serialize, ToSchema)]
pub struct Participants {
    pub items: Vec<Participant>,
}

/// Who is in the call; for those in it, members and moderators.
#[utoipa::path(
    get, path = "/api/rooms/{slug}/participants", tag = "participants",
    operation_id = "listParticipants",
    params(("slug" = Slug, Path)),
    responses((status = 200, body = Participants), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<Slug>,
) -> Result<Json<Participants>, Problem> {
    let found = view::find(&app, &slug, &caller).await?;
    let found = found.ok_or_else(|| Problem::not_found("room"))?;
    if !rooms::may_see_people(&found, &caller) {
        return Err(Problem::forbidden(
            "Only people in the call see who is in it.",
        ));
    }
    let name = found.room.id.livekit_name();
    let livekit = region::livekit_of(&app, &name).await?;
    let infos = livekit.list_participants(&name, app.now()).await?;
    let roles = Roles::load(&app, &found.room).await?;
    let items = infos
        .iter()
        .filter_map(|info| Participant::from_livekit(info, &roles))
        .collect();
    Ok(Json(Participants { items }))
}
