//! Changes an account's name or role, disables it or enables it again; for administrators.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use thiserror::Error;
use utoipa::ToSchema;

use super::{Admin, RenameInCalls, Role, User, UserId, UserName, sessions, store};
use crate::{
    app::App,
    audit::Actor,
    db::DbError,
    happenings::{self, Happening},
    http::{IfMatch, Json, Path, Problem},
};

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateUser {
    #[garde(skip)]
    name: Option<UserName>,
    #[garde(skip)]
    role: Option<Role>,
    /// Disabling ends every session of the account at once.
    #[garde(skip)]
    disabled: Option<bool>,
}

/// Why an account is not changed.
#[derive(Debug, Error)]
pub enum UpdateUserError {
    #[error("no such user")]
    NotFound,
    #[error("somebody changed it meanwhile")]
    ChangedMeanwhile,
    #[error("the last administrator must stay")]
    LastAdmin,
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<UpdateUserError> for Problem {
    fn from(error: UpdateUserError) -> Problem {
        match error {
            UpdateUserError::NotFound => Problem::not_found("user"),
            UpdateUserError::ChangedMeanwhile => Problem::changed_meanwhile(),
            UpdateUserError::LastAdmin => super::last_admin(),
            UpdateUserError::Internal(cause) => cause.into(),
        }
    }
}

/// Changes an account.
#[utoipa::path(
    patch, path = "/api/users/{id}", tag = "users", operation_id = "updateUser",
    params(("id" = UserId, Path), IfMatch),
    request_body = UpdateUser,
    responses(
        (status = 200, body = User),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn update(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(id): Path<UserId>,
    if_match: IfMatch,
    Json(change): Json<UpdateUser>,
) -> Result<Json<User>, Problem> {
    Ok(Json(apply(&app, &admin.user, id, if_match, change).await?))
}

async fn apply(
    app: &App,
    admin: &User,
    id: UserId,
    if_match: IfMatch,
    change: UpdateUser,
) -> Result<User, UpdateUserError> {
    let mut tx = app.db.begin().await?;
    tx.lock("admins").await?;
    let before = store::find_to_change(&mut tx, id)
        .await?
        .ok_or(UpdateUserError::NotFound)?;
    if !if_match.allows(before.updated_at) {
        return Err(UpdateUserError::ChangedMeanwhile);
    }
    let mut after = User {
        name: change.name.unwrap_or_else(|| before.name.clone()),
        role: change.role.unwrap_or(before.role),
        disabled: change.disabled.unwrap_or(before.disabled),
        ..before.clone()
    };
    let still_admin = after.role == Role::Admin && !after.disabled;
    if !still_admin && store::other_admin(&mut tx, id).await?.is_none() {
        return Err(UpdateUserError::LastAdmin);
    }
    if after != before {
        after.updated_at = before.next_update(app.now());
        store::save(&mut tx, &after).await?;
    }
    if after.disabled && !before.disabled {
        sessions::end_all(app, &mut tx, id).await?;
    }
    if after.name != before.name {
        app.jobs
            .enqueue(&mut tx, &RenameInCalls { user: id })
            .await?;
    }
    if after != before {
        let (by, (before, after)) = (Actor::user(admin), (&before, &after));
        let updated = Happening::UserUpdated { before, after };
        happenings::tell(app, &mut tx, Some(&by), None, &updated).await?;
    }
    tx.commit().await?;
    Ok(after)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{PASSWORD, TestApp};

    #[tokio::test]
    async fn an_administrator_makes_another_one() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let path = format!("/api/users/{}", ada.user_id);
        let answer = admin
            .patch(&path, json!({"role": "admin", "name": "Ada L."}))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json["role"], "admin");
        assert_eq!(answer.json["name"], "Ada L.");
        assert_eq!(ada.get("/api/users").await.status, 200);
        let records = admin.get("/api/admin/audit").await;
        assert_eq!(
            records.json["items"][0]["action"], "user.updated",
            "{records:?}"
        );
        assert_eq!(records.json["items"][0]["target"], ada.user_id.as_str());
        assert_eq!(records.json["items"][0]["target_name"], "Ada L.");
        let changes = json!({
            "name": {"from": "ada", "to": "Ada L."}, "role": {"from": "user", "to": "admin"},
        });
        assert_eq!(records.json["items"][0]["detail"]["changes"], changes);
    }

    #[tokio::test]
    async fn a_disabled_account_is_signed_out_everywhere_and_cannot_sign_in() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        assert_eq!(ada.get("/api/auth/me").await.status, 200);
        let path = format!("/api/users/{}", ada.user_id);
        assert_eq!(
            admin.patch(&path, json!({"disabled": true})).await.status,
            200
        );
        assert_eq!(ada.get("/api/auth/me").await.code(), "unauthenticated");
        let sign_in = json!({"email": "ada@example.org", "password": PASSWORD});
        let answer = app
            .browser()
            .post("/api/auth/sign-in", sign_in.clone())
            .await;
        assert_eq!((answer.status, answer.code()), (403, "account_disabled"));
        assert_eq!(
            admin.patch(&path, json!({"disabled": false})).await.status,
            200
        );
        assert_eq!(ada.get("/api/auth/me").await.status, 401);
        assert_eq!(
            app.browser()
                .post("/api/auth/sign-in", sign_in)
                .await
                .status,
            200
        );
    }

    #[tokio::test]
    async fn the_last_administrator_cannot_be_demoted_or_disabled() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let path = format!("/api/users/{}", admin.user_id);
        for change in [json!({"role": "user"}), json!({"disabled": true})] {
            let answer = admin.patch(&path, change).await;
            assert_eq!((answer.status, answer.code()), (409, "last_admin"));
        }
    }

    #[tokio::test]
    async fn two_administrators_who_demote_each_other_at_once_leave_one() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let admin_path = format!("/api/users/{}", admin.user_id);
        let ada_path = format!("/api/users/{}", ada.user_id);
        assert_eq!(
            admin
                .patch(&ada_path, json!({"role": "admin"}))
                .await
                .status,
            200
        );
        let (one, other) = tokio::join!(
            admin.patch(&ada_path, json!({"role": "user"})),
            ada.patch(&admin_path, json!({"role": "user"})),
        );
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert!(matches!(statuses, [200, 403 | 409]), "{one:?} {other:?}");
        let stayed = if one.status == 200 {
            &mut admin
        } else {
            &mut ada
        };
        assert_eq!(stayed.get("/api/users").await.status, 200);
    }

    #[tokio::test]
    async fn an_unknown_account_and_an_unknown_field_are_refused() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let nobody = "/api/users/01900000-0000-7000-8000-000000000000";
        assert_eq!(admin.patch(nobody, json!({})).await.code(), "not_found");
        assert_eq!(
            admin.patch("/api/users/nobody", json!({})).await.code(),
            "not_found"
        );
        let path = format!("/api/users/{}", admin.user_id);
        let answer = admin.patch(&path, json!({"email": "x@example.org"})).await;
        assert_eq!((answer.status, answer.code()), (422, "validation_failed"));
    }

    #[tokio::test]
    async fn a_new_name_and_a_new_role_at_once_are_both_kept() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let path = format!("/api/users/{}", ada.user_id);
        for (role, name) in [("admin", "Ada L."), ("user", "Ada"), ("admin", "Ada B.")] {
            let (one, other) = tokio::join!(
                admin.patch(&path, json!({ "role": role })),
                ada.patch("/api/auth/me", json!({ "name": name })),
            );
            assert_eq!((one.status, other.status), (200, 200));
            let me = ada.get("/api/auth/me").await.json;
            assert_eq!((&me["role"], &me["name"]), (&json!(role), &json!(name)));
        }
    }

    #[tokio::test]
    async fn an_account_that_another_administrator_changed_is_not_overwritten() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let seen = ada.get("/api/auth/me").await.json["updated_at"].to_string();
        let path = format!("/api/users/{}", ada.user_id);
        ada.patch("/api/auth/me", json!({"name": "Ada L."})).await;
        admin.set_header(http::header::IF_MATCH, &format!("\"{seen}\""));
        let refused = admin.patch(&path, json!({"name": "Ada"})).await;
        assert_eq!((refused.status, refused.code()), (412, "changed_meanwhile"));
        assert_eq!(ada.get("/api/auth/me").await.json["name"], "Ada L.");
    }
}
