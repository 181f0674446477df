//! Changes what one participant may send, until the meeting ends.

use axum::extract::State;
use garde::Validate;
use livekit_protocol as proto;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    model::{Participant, Roles},
    target::{self, Target},
};
use crate::{
    app::App,
    db::DbError,
    happenings::{self, Attendee, Happening},
    http::{Json, Path, Problem},
    livekit::{LiveKitError, identity::Identity, token::Permissions},
    moderation::{self, Withdrawal},
    rooms::{self, Slug, caller::Caller, region},
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
    let connections = target.connections(&app).await?;
    let first = connections.first().and_then(|info| info.permission.clone());
    let had = Permissions::from_livekit(&first.unwrap_or_default());
    decide(
        &app,
        &caller,
        &target,
        target.who(&connections),
        had,
        change,
    )
    .await?;
    let updated = send(&app, &target, &connections).await?;
    let identity = &target.identity;
    let changed = Happening::ParticipantUpdated { identity };
    happenings::tell_alone(&app, None, Some(&target.room.known()), &changed).await?;
    enforce(&app, &target, &updated).await?;
    let roles = Roles::load(&app, &target.room).await?;
    Participant::from_livekit(&updated, &roles)
        .map(Json)
        .ok_or_else(|| Problem::not_found("participant"))
}

/// Who sends by another name what was taken from them is sent out.
async fn enforce(
    app: &App,
    target: &Target,
    updated: &proto::ParticipantInfo,
) -> Result<(), DbError> {
    let Ok(identity) = updated.identity.parse() else {
        return Ok(());
    };
    let case = rooms::case(&mut app.db.reads().await?, &target.name, &identity).await?;
    match case {
        Some(case) => {
            let livekit = region::livekit_of(app, &target.name).await?;
            moderation::enforce(app, livekit, &case, &identity, updated).await
        }
        None => Ok(()),
    }
}

/// Writes down what the participant may do from now on: of two changes at once both count.
async fn decide(
    app: &App,
    caller: &Caller,
    target: &Target,
    who: Attendee<'_>,
    had: Permissions,
    change: ChangePermissions,
) -> Result<(), DbError> {
    let (room, subject) = (target.room.id, &target.subject);
    let mut tx = app.db.begin().await?;
    tx.lock(&format!("permissions of {subject} in {room}"))
        .await?;
    // What was decided before is newer than what the media server said a moment ago.
    let before = moderation::permissions(&mut tx, room, subject)
        .await?
        .unwrap_or(had);
    let permissions = Permissions {
        audio: change.audio.unwrap_or(before.audio),
        video: change.video.unwrap_or(before.video),
        screen_share: change.screen_share.unwrap_or(before.screen_share),
        chat: change.chat.unwrap_or(before.chat),
    };
    moderation::save_permissions(&mut tx, room, subject, permissions).await?;
    // The token from before would grant what was taken; the server sends the browser a new one.
    let withdrawal = Withdrawal {
        room,
        subject,
        generation: rooms::next_generation(&mut tx, room).await?,
        not_before: app.now().as_seconds(),
        kicked: false,
    };
    moderation::withdraw(&mut tx, &withdrawal).await?;
    let permitted = Happening::ParticipantPermitted {
        who,
        from: before,
        to: permissions,
    };
    let (by, place) = (caller.actor(), target.room.known());
    happenings::tell(app, &mut tx, Some(&by), Some(&place), &permitted).await?;
    tx.commit().await
}

/// Tells the media server what is on record, until that is what it was told last; the person as it is then.
async fn send(
    app: &App,
    target: &Target,
    connections: &[proto::ParticipantInfo],
) -> Result<proto::ParticipantInfo, Problem> {
    let (room, subject) = (target.room.id, &target.subject);
    let recorded = async || {
        let generation = moderation::tokens_from(&app.db, room, subject).await?;
        let decided = moderation::permissions(&app.db, room, subject).await?;
        Ok::<_, DbError>(decided.map(|decided| (decided, generation)))
    };
    let gone = || Problem::not_found("participant");
    let livekit = region::livekit_of(app, &target.name).await?;
    // Gone only when the meeting ended meanwhile.
    let mut current = recorded().await?.ok_or_else(gone)?;
    loop {
        let (decided, generation) = current;
        let mut updated = None;
        for identity in connections
            .iter()
            .filter_map(|info| info.identity.parse().ok())
        {
            let permission = decided.to_livekit();
            let set =
                livekit.set_permission(&target.name, &identity, permission, generation, app.now());
            match set.await {
                Ok(info) => updated = updated.or(Some(info)),
                // It left meanwhile; the next one comes with a new token.
                Err(LiveKitError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        // Another moderator's change may have arrived there before this one, which is older.
        match recorded().await? {
            Some(newer) if newer != current => current = newer,
            _ => return updated.ok_or_else(gone),
        }
    }
}
