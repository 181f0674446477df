//! Puts somebody with an account on a room's list of members.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use serde::Deserialize;
use thiserror::Error;
use utoipa::ToSchema;

use super::Member;
use crate::{
    accounts::{self, Email},
    app::App,
    db::DbError,
    happenings::{self, Happening},
    http::{Json, Path, Problem},
    rooms::{
        MemberRole, Slug,
        caller::Caller,
        store::{self, RoomRow},
        view,
    },
};

/// Whom to add.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddMember {
    #[garde(skip)]
    email: Email,
    #[garde(skip)]
    role: MemberRole,
}

/// Why nobody is added.
#[derive(Debug, Error)]
pub enum AddMemberError {
    #[error("no account has this address")]
    UnknownUser,
    #[error("the owner needs no place on the list")]
    IsOwner,
    #[error("already on the list")]
    IsMember,
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<AddMemberError> for Problem {
    fn from(error: AddMemberError) -> Problem {
        match error {
            AddMemberError::UnknownUser => {
                Problem::invalid_field("email", "unknown_user", "No account has this address.")
            }
            AddMemberError::IsOwner => {
                Problem::invalid_field("email", "is_owner", "The room is theirs already.")
            }
            AddMemberError::IsMember => Problem::new(
                StatusCode::CONFLICT,
                "already_member",
                "They are on the list already.",
            )
            .about("email"),
            AddMemberError::Internal(cause) => cause.into(),
        }
    }
}

/// Adds a member by e-mail address.
#[utoipa::path(
    post, path = "/api/rooms/{slug}/members", tag = "rooms", operation_id = "addMember",
    params(("slug" = Slug, Path)), request_body = AddMember,
    responses((status = 201, body = Member), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn add(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<Slug>,
    Json(input): Json<AddMember>,
) -> Result<(StatusCode, Json<Member>), Problem> {
    let room = view::find_owned(&app, &slug, &caller).await?.room;
    // Both answers cost one try, so that neither is told apart by it.
    if let Some(user) = caller.user_id() {
        app.auth.limits.look_up_address(&app, user).await?;
    }
    let member = insert(&app, &caller, &room, input).await?;
    Ok((StatusCode::CREATED, Json(member)))
}

async fn insert(
    app: &App,
    caller: &Caller,
    room: &RoomRow,
    input: AddMember,
) -> Result<Member, AddMemberError> {
    let user = accounts::find_enabled_by_email(&app.db, &input.email).await?;
    let user = user.ok_or(AddMemberError::UnknownUser)?;
    if user == room.owner_id {
        return Err(AddMemberError::IsOwner);
    }
    let mut tx = app.db.begin().await?;
    if !store::insert_member(&mut tx, room.id, user, input.role, app.now()).await? {
        return Err(AddMemberError::IsMember);
    }
    let member = super::find(&mut tx, room.id, user)
        .await?
        .ok_or(AddMemberError::UnknownUser)?;
    let added = Happening::MemberAdded {
        member: member.account(),
        role: input.role,
    };
    let (by, place) = (caller.actor(), room.known());
    happenings::tell(app, &mut tx, Some(&by), Some(&place), &added).await?;
    tx.commit().await?;
    Ok(member)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{TestApp, TestRoom};

    #[tokio::test]
    async fn nobody_tries_a_list_of_addresses() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        app.user("grace").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        for number in 0..60 {
            let stranger = json!({"email": format!("{number}@example.org"), "role": "member"});
            let answer = ada.post(&room.path("/members"), stranger).await;
            assert_eq!(answer.json["errors"][0]["code"], "unknown_user", "{number}");
        }
        for name in ["grace", "nobody"] {
            let member = json!({"email": format!("{name}@example.org"), "role": "member"});
            let answer = ada.post(&room.path("/members"), member).await;
            assert_eq!(
                (answer.status, answer.code()),
                (429, "rate_limited"),
                "{name}"
            );
        }
    }
}
