//! Creates an invite; for administrators.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use serde::Deserialize;
use utoipa::{ToSchema, openapi::Object};

use super::{
    model::{Invite, InviteId},
    store,
};
use crate::{
    accounts::{self, Admin, Email, Role, User},
    app::App,
    audit::Actor,
    db::{DbError, Tx},
    happenings::{self, Happening, Invitation},
    http::{Json, Problem, SiteAddress, openapi},
};

pub(super) const LONGEST_NOTE: usize = 200;

fn note() -> Object {
    openapi::or_null(openapi::text(0..=LONGEST_NOTE))
}

/// What the invite is for.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateInvite {
    /// For administrators, to tell invites apart.
    #[garde(length(chars, max = LONGEST_NOTE))]
    #[schema(schema_with = note)]
    note: Option<String>,
    /// Only this address may use it; anybody with the link when left out.
    #[garde(skip)]
    email: Option<Email>,
    /// What whoever registers with it becomes; `user` when left out, and for any other an address must be named.
    #[garde(skip)]
    role: Option<Role>,
}

/// Creates an invite; its code and link are in this answer only.
#[utoipa::path(
    post, path = "/api/invites", tag = "invites", operation_id = "createInvite", request_body = CreateInvite,
    responses(
        (status = 201, body = Invite),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn create(
    State(app): State<App>,
    site: SiteAddress,
    Admin(admin): Admin,
    Json(input): Json<CreateInvite>,
) -> Result<(StatusCode, Json<Invite>), Problem> {
    let role = input.role.unwrap_or(Role::User);
    if role != Role::User && input.email.is_none() {
        return Err(Problem::invalid_field(
            "email",
            "required_for_role",
            "An invite with rights is for one address.",
        ));
    }
    let mut tx = app.db.begin().await?;
    let for_whom = ForWhom {
        note: input.note,
        email: input.email,
        role,
    };
    let invite = make(&app, &mut tx, &site, &admin.user, for_whom).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(invite)))
}

/// Whom an invite is for.
pub(super) struct ForWhom {
    pub note: Option<String>,
    pub email: Option<Email>,
    pub role: Role,
}

/// Makes an invite, with its code and link, and tells of it.
pub(super) async fn make(
    app: &App,
    tx: &mut Tx,
    site: &SiteAddress,
    admin: &User,
    ForWhom { note, email, role }: ForWhom,
) -> Result<Invite, DbError> {
    let now = app.now();
    let code = app.random.token();
    let invite = Invite {
        id: InviteId::new(&app.random, now),
        url: Some(format!("{}/sign-up?invite={code}", site.origin())),
        note,
        email,
        role,
        created_at: now,
        expires_at: now + app.config.auth.invite_lifetime(),
        used_at: None,
        code: Some(code),
    };
    let hash = invite.code.as_deref().map(accounts::token::hash_text);
    store::insert(tx, &invite, &hash.unwrap_or_default(), admin.id).await?;
    let email = invite.email.as_ref().map(ToString::to_string);
    let created = Happening::InviteCreated(Invitation {
        id: &invite.id.to_string(),
        note: invite.note.as_deref(),
        email: email.as_deref(),
        role,
    });
    let by = Actor::user(admin);
    happenings::tell(app, tx, Some(&by), None, &created).await?;
    Ok(invite)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApp;

    #[tokio::test]
    async fn only_administrators_make_and_see_invites() {
        let app = TestApp::start().await;
        app.admin().await;
        let mut ada = app.user("ada").await;
        assert_eq!(
            ada.post("/api/invites", json!({})).await.code(),
            "forbidden"
        );
        assert_eq!(ada.get("/api/invites").await.code(), "forbidden");
        assert_eq!(
            app.browser().post("/api/invites", json!({})).await.code(),
            "unauthenticated"
        );
    }

    #[tokio::test]
    async fn the_code_is_shown_once_and_never_listed() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let created = admin.post("/api/invites", json!({"note": "for Ada"})).await;
        assert_eq!(created.status, 201, "{created:?}");
        let code = created.json["code"].as_str().unwrap();
        let url = created.json["url"].as_str().unwrap();
        assert_eq!(url, format!("http://localhost:8080/sign-up?invite={code}"));
        let listed = admin.get("/api/invites").await;
        assert_eq!(listed.json["items"][0]["note"], "for Ada");
        assert_eq!(listed.json["items"][0]["used_at"], json!(null));
        assert!(!listed.text.contains(code), "{listed:?}");
    }

    #[tokio::test]
    async fn whoever_registers_becomes_what_the_invite_says_and_an_invite_for_anybody_gives_no_rights()
     {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let open = admin.post("/api/invites", json!({"role": "auditor"})).await;
        let field = open.json["field"].as_str();
        assert_eq!((open.status, field), (422, Some("email")));
        let input = json!({"role": "auditor", "email": "ada@example.org"});
        let invite = admin.post("/api/invites", input).await.json;
        assert_eq!(invite["role"], "auditor");
        let input = json!({
            "email": "ada@example.org", "name": "Ada", "password": crate::testing::PASSWORD,
            "invite": invite["code"],
        });
        let mut ada = app.browser();
        let answer = ada.post("/api/auth/register", input).await;
        assert_eq!(answer.json["user"]["role"], "auditor", "{answer:?}");
        assert_eq!(ada.get("/api/users").await.status, 200);
    }

    #[tokio::test]
    async fn a_wrong_address_is_refused_by_name() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let answer = admin.post("/api/invites", json!({"email": "nobody"})).await;
        assert_eq!(
            (answer.status, answer.json["field"].as_str()),
            (422, Some("email"))
        );
    }
}
