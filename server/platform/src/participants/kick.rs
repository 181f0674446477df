//! Sends a person out, with every connection: the tokens they came with are worthless, a new one may be asked for.

use axum::extract::State;
use http::StatusCode;

use super::target;
use crate::{
    app::App,
    happenings::{self, Happening},
    http::{Path, Problem},
    livekit::identity::Identity,
    moderation::{self, Withdrawal},
    rooms::{self, Slug, caller::Caller, region},
};

/// Sends a participant out.
#[utoipa::path(
    post, path = "/api/rooms/{slug}/participants/{identity}/kick", tag = "participants",
    operation_id = "kickParticipant",
    params(("slug" = Slug, Path), ("identity" = Identity, Path)),
    responses((status = 204), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn kick(
    State(app): State<App>,
    caller: Caller,
    Path((slug, identity)): Path<(Slug, Identity)>,
) -> Result<StatusCode, Problem> {
    apply(&app, &caller, &slug, identity).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a person out whose identity this is, and withdraws their tokens.
pub async fn apply(
    app: &App,
    caller: &Caller,
    slug: &Slug,
    identity: Identity,
) -> Result<(), Problem> {
    let target = target::find(app, slug, caller, identity).await?;
    let connections = target.connections(app).await?;
    let room = target.room.id;
    let mut tx = app.db.begin().await?;
    let withdrawal = Withdrawal {
        room,
        subject: &target.subject,
        generation: rooms::next_generation(&mut tx, room).await?,
        // Those without a generation count whole seconds: tokens of this very second are withdrawn too.
        not_before: app.now().as_seconds() + 1,
        kicked: true,
    };
    moderation::withdraw(&mut tx, &withdrawal).await?;
    let kicked = Happening::ParticipantKicked {
        who: target.who(&connections),
    };
    let (by, place) = (caller.actor(), target.room.known());
    happenings::tell(app, &mut tx, Some(&by), Some(&place), &kicked).await?;
    tx.commit().await?;
    let livekit = region::livekit_of(app, &target.name).await?;
    livekit
        .remove_person(&target.name, &target.subject, app.now())
        .await?;
    Ok(())
}
