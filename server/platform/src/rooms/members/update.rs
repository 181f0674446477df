//! Makes a member a moderator, or a moderator a member.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Member;
use crate::{
    accounts::UserId,
    app::App,
    happenings::{self, Happening},
    http::{Json, Path, Problem},
    rooms::{MemberRole, Slug, caller::Caller, store, view},
};

/// What changes.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateMember {
    #[garde(skip)]
    role: MemberRole,
}

/// Changes a member's role; it counts from their next join.
#[utoipa::path(
    patch, path = "/api/rooms/{slug}/members/{user_id}", tag = "rooms",
    operation_id = "updateMember",
    params(("slug" = Slug, Path), ("user_id" = UserId, Path)), request_body = UpdateMember,
    responses((status = 200, body = Member), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path((slug, user)): Path<(Slug, UserId)>,
    Json(input): Json<UpdateMember>,
) -> Result<Json<Member>, Problem> {
    let room = view::find_owned(&app, &slug, &caller).await?.room;
    let mut tx = app.db.begin().await?;
    let before = store::member(&mut tx, room.id, user).await?;
    let before = before.ok_or_else(|| Problem::not_found("member"))?;
    store::update_member(&mut tx, room.id, user, input.role).await?;
    super::keep_in_call(&mut tx, &room, user).await?;
    let member = super::find(&mut tx, room.id, user).await?;
    let member = member.ok_or_else(|| Problem::not_found("member"))?;
    let updated = Happening::MemberUpdated {
        member: member.account(),
        from: before.role,
        to: input.role,
    };
    let (by, place) = (caller.actor(), room.known());
    happenings::tell(&app, &mut tx, Some(&by), Some(&place), &updated).await?;
    tx.commit().await?;
    Ok(Json(member))
}
