//! Invites many people at once, each line for itself; for administrators.

use std::collections::HashSet;

use axum::extract::State;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    create::{ForWhom, LONGEST_NOTE, make},
    model::Invite,
    store,
};
use crate::{
    accounts::{self, Admin, Email, Role},
    app::App,
    db::{DbError, Tx, text_enum},
    http::{Json, Problem, SiteAddress},
};

/// At once: what a request holds, and what is read before it is sent.
const MOST: usize = 200;
/// In characters; what is longer is no address and no role.
const LONGEST_TEXT: usize = 320;

/// Who is invited.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateInvites {
    #[garde(length(min = 1, max = MOST), dive)]
    #[schema(min_items = 1, max_items = 200)]
    lines: Vec<InviteLine>,
}

/// One person, as somebody wrote it down: what is wrong with it is told of its line.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteLine {
    #[garde(length(chars, max = LONGEST_TEXT))]
    #[schema(max_length = 320)]
    email: String,
    /// What the invite is called.
    #[garde(length(chars, max = LONGEST_TEXT))]
    #[schema(max_length = 320)]
    note: Option<String>,
    /// `user` when left out.
    #[garde(length(chars, max = LONGEST_TEXT))]
    #[schema(max_length = 320)]
    role: Option<String>,
}

/// What became of each line, in their order.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedInvites {
    lines: Vec<InvitedLine>,
}

/// What became of a line: an invite or a fault.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitedLine {
    #[schema(required = true)]
    invite: Option<Invite>,
    #[schema(required = true)]
    fault: Option<LineFault>,
}

text_enum! {
    /// Why a line makes no invite.
    LineFault {
        /// No e-mail address.
        NotAnEmail => "not_an_email",
        /// No role of this site.
        UnknownRole => "unknown_role",
        /// Its note is too long.
        NoteTooLong => "note_too_long",
        /// A line before has the same address.
        Repeated => "repeated",
        /// The address has an account.
        EmailTaken => "email_taken",
        /// An invite for the address waits to be used.
        AlreadyInvited => "already_invited",
    }
}

/// Invites everybody whose line is right; the links are in this answer only.
#[utoipa::path(
    post, path = "/api/invites/bulk", tag = "invites", operation_id = "createInvites",
    request_body = CreateInvites,
    responses(
        (status = 200, body = CreatedInvites),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn create_many(
    State(app): State<App>,
    site: SiteAddress,
    Admin(admin): Admin,
    Json(input): Json<CreateInvites>,
) -> Result<Json<CreatedInvites>, Problem> {
    // All or none: whoever sends it again after a failure invites nobody twice.
    let mut tx = app.db.begin().await?;
    tx.lock("invites").await?;
    let (mut seen, mut lines) = (HashSet::new(), Vec::new());
    for line in input.lines {
        let line = match read(line).and_then(|whom| first(&mut seen, whom)) {
            Ok((email, whom)) => match fault(&app, &mut tx, &email).await? {
                Some(fault) => Err(fault),
                None => Ok(make(&app, &mut tx, &site, &admin.user, whom).await?),
            },
            Err(fault) => Err(fault),
        };
        lines.push(match line {
            Ok(invite) => InvitedLine {
                invite: Some(invite),
                fault: None,
            },
            Err(fault) => InvitedLine {
                invite: None,
                fault: Some(fault),
            },
        });
    }
    tx.commit().await?;
    Ok(Json(CreatedInvites { lines }))
}

fn read(line: InviteLine) -> Result<(Email, ForWhom), LineFault> {
    let email: Email = line.email.parse().map_err(|_| LineFault::NotAnEmail)?;
    let role = line.role.map(|role| role.trim().to_lowercase());
    let role = match role.as_deref() {
        None | Some("") => Role::User,
        Some(role) => role.parse().map_err(|_| LineFault::UnknownRole)?,
    };
    let note = line.note.map(|note| note.trim().to_owned());
    let note = note.filter(|note| !note.is_empty());
    if note
        .as_ref()
        .is_some_and(|note| note.chars().count() > LONGEST_NOTE)
    {
        return Err(LineFault::NoteTooLong);
    }
    let whom = ForWhom {
        note,
        email: Some(email.clone()),
        role,
    };
    Ok((email, whom))
}

fn first(
    seen: &mut HashSet<String>,
    (email, whom): (Email, ForWhom),
) -> Result<(Email, ForWhom), LineFault> {
    if seen.insert(email.key()) {
        Ok((email, whom))
    } else {
        Err(LineFault::Repeated)
    }
}

async fn fault(app: &App, tx: &mut Tx, email: &Email) -> Result<Option<LineFault>, DbError> {
    if accounts::find_by_email(&mut *tx, email).await?.is_some() {
        return Ok(Some(LineFault::EmailTaken));
    }
    let invited = store::is_invited(tx, email, app.now()).await?;
    Ok(invited.then_some(LineFault::AlreadyInvited))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{PASSWORD, TestApp};

    #[tokio::test]
    async fn every_line_is_an_invite_or_a_fault_and_one_fault_spoils_no_other_line() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let long = "n".repeat(201);
        let input = json!({"lines": [
            {"email": "ada@example.org", "note": "Ada", "role": "Auditor "},
            {"email": "nobody"},
            {"email": "admin@example.org"},
            {"email": "grace@example.org", "role": "king"},
            {"email": "ADA@example.org"},
            {"email": "linus@example.org", "note": long},
            {"email": "grace@example.org", "note": " ", "role": ""},
        ]});
        let made = admin.post("/api/invites/bulk", input.clone()).await;
        assert_eq!(made.status, 200, "{made:?}");
        let lines = made.json["lines"].as_array().unwrap();
        let faults: Vec<&Value> = lines.iter().map(|line| &line["fault"]).collect();
        let expected = [
            json!(null),
            json!("not_an_email"),
            json!("email_taken"),
            json!("unknown_role"),
            json!("repeated"),
            json!("note_too_long"),
            json!(null),
        ];
        assert_eq!(faults, expected.iter().collect::<Vec<_>>());
        for line in lines {
            assert_ne!(line["invite"].is_null(), line["fault"].is_null(), "{line}");
        }
        let listed = admin.get("/api/invites").await.json;
        assert_eq!(listed["items"].as_array().unwrap().len(), 2);
        let again = admin.post("/api/invites/bulk", input).await.json;
        assert_eq!(again["lines"][0]["fault"], "already_invited");
        let url = lines[0]["invite"]["url"].as_str().unwrap();
        let code = url.split_once("invite=").unwrap().1;
        let input = json!({
            "email": "ada@example.org", "name": "Ada", "password": PASSWORD, "invite": code,
        });
        let mut ada = app.browser();
        let answer = ada.post("/api/auth/register", input).await;
        assert_eq!(answer.json["user"]["role"], "auditor", "{answer:?}");
    }

    #[tokio::test]
    async fn no_lines_and_too_many_are_refused() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        for count in [0, 201] {
            let lines: Vec<Value> = (0..count)
                .map(|n| json!({"email": format!("e{n}@example.org")}))
                .collect();
            let refused = admin
                .post("/api/invites/bulk", json!({ "lines": lines }))
                .await;
            let field = refused.json["field"].as_str();
            assert_eq!((refused.status, field), (422, Some("lines")));
        }
    }
}
