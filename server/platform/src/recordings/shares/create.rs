//! Makes a link for outsiders.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::{ToSchema, openapi::Object};

use super::{
    find_to_share,
    model::{Share, ShareId},
    store::{self, ShareRow},
};
use crate::{
    accounts::token,
    app::App,
    clock::Timestamp,
    happenings::{self, Happening, Recorded},
    http::{Json, Path, Problem, SiteAddress, openapi},
    recordings::RecordingId,
    rooms::caller::Caller,
};

/// What every link's secret starts with, so that leaks can be searched for.
const PREFIX: &str = "cvr_";
const SHORTEST_PASSWORD: usize = 4;
const LONGEST_PASSWORD: usize = 128;

fn password() -> Object {
    openapi::or_null(openapi::text(SHORTEST_PASSWORD..=LONGEST_PASSWORD))
}

/// What the link is to be like.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateShare {
    /// `null`: until it is revoked.
    #[garde(skip)]
    #[serde(default)]
    expires_at: Option<Timestamp>,
    /// Asked for before anything is shown.
    #[garde(custom(is_of_length))]
    #[serde(default)]
    #[schema(schema_with = password)]
    password: Option<SecretString>,
    /// Whether the film may be kept as a file; `false` when left out.
    #[garde(skip)]
    #[serde(default)]
    download: bool,
}

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "garde hands both over so"
)]
fn is_of_length(password: &Option<SecretString>, (): &()) -> garde::Result {
    let Some(password) = password else {
        return Ok(());
    };
    let length = password.expose_secret().chars().count();
    if (SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&length) {
        Ok(())
    } else {
        Err(garde::Error::new(format!(
            "Use {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters."
        )))
    }
}

/// Makes a link by which outsiders see the recording; it is in this answer only.
#[utoipa::path(
    post, path = "/api/recordings/{id}/shares", tag = "recordings", operation_id = "shareRecording",
    params(("id" = RecordingId, Path)), request_body = CreateShare,
    responses((status = 201, body = Share), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn create(
    State(app): State<App>,
    site: SiteAddress,
    caller: Caller,
    Path(id): Path<RecordingId>,
    Json(input): Json<CreateShare>,
) -> Result<(StatusCode, Json<Share>), Problem> {
    let seen = find_to_share(&app, id, &caller).await?;
    let user = caller.user_id().ok_or_else(Problem::unauthenticated)?;
    let now = app.now();
    if input.expires_at.is_some_and(|at| at <= now) {
        let why = "Choose a moment in the future.";
        return Err(Problem::invalid_field("expires_at", "past", why));
    }
    let password_hash = match input.password {
        Some(password) => Some(app.auth.hash(&app.random, password).await?),
        None => None,
    };
    let secret = token::new(&app.random, PREFIX);
    let by = caller.actor();
    let row = ShareRow {
        id: ShareId::new(&app.random, now),
        recording_id: id,
        password_hash,
        may_download: input.download,
        created_by_name: by.name.clone(),
        created_at: now,
        expires_at: input.expires_at,
        views: 0,
    };
    let mut tx = app.db.begin().await?;
    store::insert(&mut tx, &row, &token::hash(&secret), user).await?;
    let shared = Happening::RecordingShared(Recorded {
        id,
        title: &seen.row.recording.title,
    });
    let place = seen.room.known();
    happenings::tell(&app, &mut tx, Some(&by), Some(&place), &shared).await?;
    tx.commit().await?;
    let url = format!("{}/r/{}", site.origin(), secret.expose_secret());
    let share = Share {
        url: Some(url),
        ..Share::from(row)
    };
    Ok((StatusCode::CREATED, Json(share)))
}

impl From<ShareRow> for Share {
    fn from(row: ShareRow) -> Share {
        Share {
            id: row.id,
            url: None,
            has_password: row.password_hash.is_some(),
            may_download: row.may_download,
            created_by: row.created_by_name,
            created_at: row.created_at,
            expires_at: row.expires_at,
            views: row.views,
        }
    }
}
