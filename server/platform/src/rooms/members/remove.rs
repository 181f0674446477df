//! Takes somebody off a room's list of members.

use axum::extract::State;
use http::StatusCode;
use serde_json::json;

use crate::{
    app::App,
    audit,
    http::{Path, Problem},
    rooms::{Slug, caller::Caller, store, view},
    users::UserId,
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
    if !store::delete_member(&mut tx, room.id, user).await? {
        return Err(Problem::not_found("member"));
    }
    super::keep_in_call(&mut tx, &room, user).await?;
    let target = user.to_string();
    let actor = caller.actor();
    audit::record(
        &app,
        &mut tx,
        &actor,
        "member.removed",
        Some(room.id),
        Some(&target),
        json!({}),
    )
    .await?;
    tx.commit().await?;
    view::announce(&app, room.id, &room.slug);
    Ok(StatusCode::NO_CONTENT)
}
