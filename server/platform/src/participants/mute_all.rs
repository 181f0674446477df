//! Mutes everybody but the caller and those who run the room.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    model::Roles,
    mute::{self, Mute},
};
use crate::{
    app::App,
    happenings::{self, Happening},
    http::{Json, Path, Problem},
    livekit::identity::Identity,
    rooms::{Slug, caller::Caller, region, view},
};

/// How many participants were muted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Muted {
    muted: usize,
}

/// Mutes one source of everybody else.
#[utoipa::path(
    post, path = "/api/rooms/{slug}/mute-all", tag = "participants", operation_id = "muteAll",
    params(("slug" = Slug, Path)), request_body = Mute,
    responses((status = 200, body = Muted), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn mute_all(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<Slug>,
    Json(input): Json<Mute>,
) -> Result<Json<Muted>, Problem> {
    let room = view::find_moderated(&app, &slug, &caller).await?.room;
    let name = room.id.livekit_name();
    let roles = Roles::load(&app, &room).await?;
    let livekit = region::livekit_of(&app, &name).await?;
    let everybody = livekit.list_participants(&name, app.now()).await?;
    let (by, place) = (caller.actor(), room.known());
    let muted = Happening::AllMuted {
        source: input.source,
    };
    happenings::tell_alone(&app, Some(&by), Some(&place), &muted).await?;
    let mut muted = 0;
    for info in &everybody {
        let Ok(identity) = info.identity.parse::<Identity>() else {
            continue;
        };
        if caller.subject() == Some(&identity.subject()) || roles.of(&identity).moderates() {
            continue;
        }
        let tracks = mute::silence(livekit, &name, info, input.source, app.now()).await?;
        muted += usize::from(tracks > 0);
    }
    Ok(Json(Muted { muted }))
}
