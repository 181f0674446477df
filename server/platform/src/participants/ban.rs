//! Bans whoever stands behind an identity: out now, and never in again on any device.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{ToSchema, openapi::Object};

use super::target::{self, Target};
use crate::{
    accounts::{self, UserId},
    app::App,
    audit::Actor,
    clock::Timestamp,
    db::{DbError, Tx},
    happenings::{self, Account, Attendee, Happening},
    http::{Json, Path, Problem, openapi},
    livekit::identity::Identity,
    meetings,
    moderation::{self, BanId, BanRow, NewBan},
    rooms::{self, MemberRole, Slug, caller::Caller, region},
};

const LONGEST_REASON: usize = 500;

fn reason() -> Object {
    openapi::or_null(openapi::text(0..=LONGEST_REASON))
}

/// Why they are banned.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BanParticipant {
    /// For the other moderators.
    #[garde(length(chars, max = LONGEST_REASON))]
    #[schema(schema_with = reason)]
    reason: Option<String>,
}

/// A ban.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ban {
    id: BanId,
    identity: String,
    name: String,
    #[schema(required = true)]
    reason: Option<String>,
    banned_by: String,
    created_at: Timestamp,
}

impl From<BanRow> for Ban {
    fn from(row: BanRow) -> Ban {
        let BanRow {
            id,
            identity,
            name,
            reason,
            banned_by,
            created_at,
        } = row;
        Ban {
            id,
            identity,
            name,
            reason,
            banned_by,
            created_at,
        }
    }
}

/// Bans a participant; they need not be in the call.
#[utoipa::path(
    post, path = "/api/rooms/{slug}/participants/{identity}/ban", tag = "participants",
    operation_id = "banParticipant",
    params(("slug" = Slug, Path), ("identity" = Identity, Path)), request_body = BanParticipant,
    responses((status = 201, body = Ban), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn ban(
    State(app): State<App>,
    caller: Caller,
    Path((slug, identity)): Path<(Slug, Identity)>,
    Json(input): Json<BanParticipant>,
) -> Result<(StatusCode, Json<Ban>), Problem> {
    let target = target::find(&app, &slug, &caller, identity).await?;
    if caller.subject() == Some(&target.subject) {
        return Err(Problem::forbidden("Nobody bans themselves."));
    }
    let ban = insert(&app, &caller, &target, input.reason.as_deref()).await?;
    // Stored is banned: join and signal socket refuse now, and the reconciler repeats the removal.
    let livekit = region::livekit_of(&app, &target.name).await?;
    match livekit
        .remove_person(&target.name, &target.subject, app.now())
        .await
    {
        Ok(()) => {}
        Err(error) => {
            tracing::warn!(room = %target.room.id, %error, "a banned participant is not out yet");
        }
    }
    Ok((StatusCode::CREATED, Json(ban)))
}

async fn insert(
    app: &App,
    caller: &Caller,
    target: &Target,
    reason: Option<&str>,
) -> Result<Ban, Problem> {
    let (room, identity) = (target.room.id, &target.identity);
    let name = meetings::last_name(&app.db, room, &target.subject).await?;
    let actor = caller.actor();
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let ban = NewBan {
        id: BanId::new(&app.random, now),
        room,
        identity,
        name: name.as_deref().unwrap_or(identity.as_str()),
        reason,
        banned_by: &actor.name,
        now,
    };
    moderation::insert_ban(&mut tx, &ban).await?;
    let banned = Happening::ParticipantBanned {
        who: Attendee {
            identity,
            name: ban.name,
        },
        reason,
    };
    let place = target.room.known();
    happenings::tell(app, &mut tx, Some(&actor), Some(&place), &banned).await?;
    demote(app, &mut tx, &actor, target).await?;
    let row = moderation::ban_of(&mut tx, room, &target.subject).await?;
    tx.commit().await?;
    row.map(Ban::from).ok_or_else(|| Problem::not_found("ban"))
}

/// Who moderates comes in whatever was decided, and could lift the ban: a banned person does so no longer.
async fn demote(app: &App, tx: &mut Tx, actor: &Actor, target: &Target) -> Result<(), DbError> {
    let user = target.identity.user_id().map(str::parse::<UserId>);
    let Some(Ok(user)) = user else {
        return Ok(());
    };
    let place = target.room.known();
    if !rooms::demote(tx, place.id, user).await? {
        return Ok(());
    }
    let people = accounts::people(&mut *tx, &[user]).await?;
    let Some(person) = people.first() else {
        return Ok(());
    };
    let demoted = Happening::MemberUpdated {
        member: Account {
            id: user,
            name: &person.name,
        },
        from: MemberRole::Moderator,
        to: MemberRole::Member,
    };
    happenings::tell(app, tx, Some(actor), Some(&place), &demoted).await
}
