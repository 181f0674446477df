//! Changes what one participant may send, until the meeting ends.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    model::{Participant, Roles},
    store, target,
};
use crate::{
    app::App,
    audit,
    http::{Json, Path, Problem},
    livekit::{identity::Identity, token::Permissions},
    rooms::{Slug, caller::Caller},
};

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePermissions {
    #[garde(skip)]
    audio: Option<bool>,
    #[garde(skip)]
    video: Option<bool>,
    #[garde(skip)]
    screen_share: Option<bool>,
    #[garde(skip)]
    chat: Option<bool>,
}

/// Changes a participant's permissions; the media server unpublishes what they may no longer send.
#[utoipa::path(
    put, path = "/api/rooms/{slug}/participants/{identity}/permissions", tag = "participants",
    operation_id = "changePermissions",
    params(("slug" = Slug, Path), ("identity" = Identity, Path)),
    request_body = ChangePermissions,
    responses((status = 200, body = Participant), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn permissions(
    State(app): State<App>,
    caller: Caller,
    Path((slug, identity)): Path<(Slug, Identity)>,
    Json(change): Json<ChangePermissions>,
) -> Result<Json<Participant>, Problem> {
    let target = target::find(&app, &slug, &caller, identity).await?;
    let info = target.info(&app).await?;
    let now = Permissions::from_livekit(&info.permission.clone().unwrap_or_default());
    let permissions = Permissions {
        audio: change.audio.unwrap_or(now.audio),
        video: change.video.unwrap_or(now.video),
        screen_share: change.screen_share.unwrap_or(now.screen_share),
        chat: change.chat.unwrap_or(now.chat),
    };
    let room = target.room.id;
    let mut tx = app.db.begin().await?;
    store::save_permissions(&mut tx, room, &target.identity.subject(), permissions).await?;
    // The token from before would grant what was taken; the server sends the browser a new one.
    let second = app.now().as_seconds();
    store::revoke(&mut tx, room, &target.identity, second, false).await?;
    let (actor, who) = (caller.actor(), Some(target.identity.as_str()));
    let detail = json!(permissions);
    audit::record(
        &app,
        &mut tx,
        &actor,
        "participant.permitted",
        Some(room),
        who,
        detail,
    )
    .await?;
    tx.commit().await?;
    let updated = app
        .livekit
        .set_permission(
            &target.name,
            &target.identity,
            permissions.to_livekit(),
            app.now(),
        )
        .await?;
    super::announce(&app, &target.room, &target.identity);
    let roles = Roles::load(&app, &target.room).await?;
    Participant::from_livekit(&updated, &roles)
        .map(Json)
        .ok_or_else(|| Problem::not_found("participant"))
}
