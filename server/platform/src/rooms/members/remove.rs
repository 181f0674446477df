//! Takes somebody off a room's list of members.

use axum::extract::State;
use http::StatusCode;

use crate::{
    accounts::UserId,
    app::App,
    happenings::{self, Happening},
    http::{Path, Problem},
    rooms::{Slug, caller::Caller, store, view},
};

/// Removes a member; a call they are in goes on with them.
#[utoipa::path(
    delete, path = "/api/rooms/{slug}/members/{user_id}", tag = "rooms",
    operation_id = "removeMember",
    params(("slug" = Slug, Path), ("user_id" = UserId, Path)),
    responses((status = 204), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path((slug, user)): Path<(Slug, UserId)>,
) -> Result<StatusCode, Problem> {
    let room = view::find_owned(&app, &slug, &caller).await?.room;
    let mut tx = app.db.begin().await?;
    let member = super::find(&mut tx, room.id, user).await?;
    let member = member.ok_or_else(|| Problem::not_found("member"))?;
    if !store::delete_member(&mut tx, room.id, user).await? {
        return Err(Problem::not_found("member"));
    }
    super::keep_in_call(&mut tx, &room, user).await?;
    let removed = Happening::MemberRemoved {
        member: member.account(),
    };
    let (by, place) = (caller.actor(), room.known());
    happenings::tell(&app, &mut tx, Some(&by), Some(&place), &removed).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
