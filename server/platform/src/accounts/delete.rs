//! Deletes an account and all its sessions; its rooms are handed over or deleted. For administrators.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use serde::Deserialize;
use thiserror::Error;
use utoipa::{IntoParams, ToSchema};

use super::{Admin, Devices, LeaveCalls, User, UserId, store};
use crate::{
    app::App,
    audit::Actor,
    db::DbError,
    happenings::{self, Account, Happening},
    http::{Path, Problem, Query},
    rooms::{self, Fate},
};

/// What becomes of the account's rooms.
#[derive(Debug, Default, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoomsOfDeleted {
    /// They get a new owner; calls go on.
    #[default]
    HandOver,
    /// They are deleted and their calls end.
    Delete,
}

/// What else is to be done.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeleteUser {
    /// `hand_over` when left out.
    #[garde(skip)]
    #[serde(default)]
    #[param(inline)]
    rooms: RoomsOfDeleted,
    /// Whose the rooms are from now on (of deleted ones, the history). When left out: the deleting administrator's,
    /// or another administrator's when they delete their own account.
    #[garde(skip)]
    #[param(value_type = Option<String>, format = "uuid")]
    new_owner: Option<UserId>,
}

/// Why an account is not deleted.
#[derive(Debug, Error)]
pub enum DeleteUserError {
    #[error("no such user")]
    NotFound,
    #[error("the last administrator must stay")]
    LastAdmin,
    #[error("the new owner is nobody who can use the rooms")]
    NoNewOwner,
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<DeleteUserError> for Problem {
    fn from(error: DeleteUserError) -> Problem {
        match error {
            DeleteUserError::NotFound => Problem::not_found("user"),
            DeleteUserError::NoNewOwner => Problem::invalid_field(
                "new_owner",
                "unusable",
                "Name another account that can sign in.",
            ),
            DeleteUserError::LastAdmin => super::last_admin(),
            DeleteUserError::Internal(cause) => cause.into(),
        }
    }
}

/// Deletes an account. The history of its rooms stays.
#[utoipa::path(
    delete, path = "/api/users/{id}", tag = "users", operation_id = "deleteUser",
    params(("id" = UserId, Path), DeleteUser),
    responses(
        (status = 204),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn delete(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<UserId>,
    Query(input): Query<DeleteUser>,
) -> Result<StatusCode, Problem> {
    apply(&app, &admin.user, id, &input).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn apply(
    app: &App,
    admin: &User,
    id: UserId,
    input: &DeleteUser,
) -> Result<(), DeleteUserError> {
    let mut tx = app.db.begin().await?;
    tx.lock("admins").await?;
    let user = store::find_to_change(&mut tx, id)
        .await?
        .ok_or(DeleteUserError::NotFound)?;
    let other_admin = store::other_admin(&mut tx, id)
        .await?
        .ok_or(DeleteUserError::LastAdmin)?;
    let heir = input.new_owner.unwrap_or(if id == admin.id {
        other_admin
    } else {
        admin.id
    });
    let heir = store::find_to_change(&mut tx, heir)
        .await?
        .filter(|heir| heir.id != id && !heir.disabled)
        .ok_or(DeleteUserError::NoNewOwner)?;
    let actor = Actor::user(admin);
    let fate = match input.rooms {
        RoomsOfDeleted::HandOver => Fate::HandOver,
        RoomsOfDeleted::Delete => Fate::Delete,
    };
    let to = Account {
        id: heir.id,
        name: &heir.name,
    };
    let closed = rooms::move_rooms(app, &mut tx, &actor, id, to, fate).await?;
    store::delete(&mut tx, id).await?;
    let leave = LeaveCalls {
        user: id,
        devices: Devices::All,
    };
    app.jobs.enqueue(&mut tx, &leave).await?;
    let deleted = Happening::UserDeleted(&user);
    happenings::tell(app, &mut tx, Some(&actor), None, &deleted).await?;
    tx.commit().await?;
    closed.end_calls(app).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{PASSWORD, TestApp, TestRoom};

    #[tokio::test]
    async fn the_rooms_of_a_deleted_account_are_handed_over_with_their_calls_and_history() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let mut grace = app.user("grace").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let member = json!({"email": "admin@example.org", "role": "member"});
        ada.post(&room.path("/members"), member).await;
        let guest = room.enter(&app, &livekit, &mut app.browser()).await;
        let path = format!("/api/users/{}", ada.user_id);
        assert_eq!(admin.delete(&path).await.status, 204);
        let seen = admin.get(&room.path("")).await;
        assert_eq!(
            (&seen.json["role"], &seen.json["owner"]["name"]),
            (&json!("owner"), &json!("Admin"))
        );
        let members = admin.get(&room.path("/members")).await;
        assert_eq!(members.json["items"], json!([]));
        let meetings = admin.get(&room.path("/meetings")).await;
        let stay = &meetings.json["items"][0]["attendances"][0];
        assert_eq!(stay["identity"], guest.identity);
        assert_eq!(livekit.identities(&room.id), [guest.identity]);
        // The call goes on and can be ended.
        let ended = admin.post(&room.path("/end"), json!({})).await;
        assert_eq!(ended.status, 204);
        assert!(livekit.identities(&room.id).is_empty());
        let activity = admin.get(&room.path("/audit")).await;
        let actions: Vec<_> = activity.json["items"].as_array().unwrap().iter().collect();
        assert!(
            actions
                .iter()
                .any(|record| record["action"] == "room.handed_over")
        );
        // To somebody by name, and to nobody who could not use them.
        let room = TestRoom::create(&mut grace, json!({})).await;
        let linus = app.user("linus").await;
        let path = format!("/api/users/{}", grace.user_id);
        for nobody in [&grace.user_id, &room.id] {
            let answer = admin.delete(&format!("{path}?new_owner={nobody}")).await;
            let field = answer.json["field"].as_str();
            assert_eq!((answer.status, field), (422, Some("new_owner")));
        }
        let to = format!("{path}?new_owner={}", linus.user_id);
        assert_eq!(admin.delete(&to).await.status, 204);
        let seen = admin.get(&room.path("")).await;
        assert_eq!(seen.json["owner"]["name"], "linus");
    }

    #[tokio::test]
    async fn the_rooms_of_a_deleted_account_can_be_deleted_and_their_calls_end() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        room.enter(&app, &livekit, &mut app.browser()).await;
        let path = format!("/api/users/{}?rooms=delete", ada.user_id);
        assert_eq!(admin.delete(&path).await.status, 204);
        assert!(livekit.identities(&room.id).is_empty());
        assert_eq!(admin.get(&room.path("")).await.code(), "not_found");
        let records = admin.get("/api/admin/audit").await;
        let records = records.json["items"].as_array().unwrap().clone();
        assert!(
            records
                .iter()
                .any(|record| record["action"] == "room.deleted")
        );
    }

    #[tokio::test]
    async fn a_deleted_account_is_signed_out_and_its_address_is_free_again() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let path = format!("/api/users/{}", ada.user_id);
        assert_eq!(admin.delete(&path).await.status, 204);
        assert_eq!(admin.delete(&path).await.code(), "not_found");
        assert_eq!(ada.get("/api/auth/me").await.status, 401);
        let sign_in = json!({"email": "ada@example.org", "password": PASSWORD});
        assert_eq!(
            app.browser()
                .post("/api/auth/sign-in", sign_in)
                .await
                .status,
            401
        );
        app.user("ada").await;
    }

    #[tokio::test]
    async fn who_deletes_the_own_account_leaves_the_rooms_to_another_administrator() {
        for (rooms, status) in [("delete", 404), ("hand_over", 200)] {
            let app = TestApp::start().await;
            let mut admin = app.admin().await;
            let mut ada = app.user("ada").await;
            let path = format!("/api/users/{}", ada.user_id);
            assert_eq!(
                admin.patch(&path, json!({"role": "admin"})).await.status,
                200
            );
            let room = TestRoom::create(&mut ada, json!({})).await;
            let own = format!("{path}?rooms={rooms}&new_owner={}", ada.user_id);
            assert_eq!(ada.delete(&own).await.json["field"], "new_owner");
            let own = format!("{path}?rooms={rooms}");
            assert_eq!(ada.delete(&own).await.status, 204);
            assert_eq!(admin.get(&room.path("")).await.status, status);
        }
    }

    #[tokio::test]
    async fn the_last_administrator_cannot_be_deleted() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        app.user("ada").await;
        let answer = admin.delete(&format!("/api/users/{}", admin.user_id)).await;
        assert_eq!((answer.status, answer.code()), (409, "last_admin"));
    }
}
