//! Begins a check: the server's half, and a link for a browser on another network.

use std::time::Duration;

use ::doctor::ServerHalf;
use axum::extract::State;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};

use super::{
    model::{DoctorCheck, DoctorCheckId, Kept},
    records::Records,
    store,
};
use crate::{
    accounts::{Admin, token},
    app::App,
    audit::Actor,
    clock::Timestamp,
    db::{DbError, Tx},
    happenings::{self, Happening},
    http::{Json, Problem, SiteAddress},
    livekit_events,
    random::Random,
};

/// What every link's secret starts with, so that leaks can be searched for.
const PREFIX: &str = "cvd_";
/// How long the link is good.
const GOOD_FOR: Duration = Duration::from_hours(24);

/// Looks at this server, which takes some seconds, and makes a link that tries the way from another network. The link is in
/// this answer only, and good for a day.
#[utoipa::path(
    post, path = "/api/admin/doctor/checks", tag = "admin", operation_id = "beginDoctorCheck",
    responses((status = 201, body = DoctorCheck), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn begin(
    State(app): State<App>,
    admin: Admin,
    site: SiteAddress,
) -> Result<(StatusCode, Json<DoctorCheck>), Problem> {
    let examiner = app.examiner.get().ok_or_else(|| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not_ready",
            "This server is still starting.",
        )
    })?;
    let records = own_records(&app).await;
    let refused = app.refused.last();
    let server = examiner(records, refused).await;
    let mut tx = app.db.begin().await?;
    let by = (&app.random, app.now());
    let (kept, secret) = keep(&mut tx, by, admin.0.user.name.to_string(), server).await?;
    let begun = Happening::DoctorCheckBegun { id: kept.id };
    happenings::tell(
        &app,
        &mut tx,
        Some(&Actor::user(&admin.0.user)),
        None,
        &begun,
    )
    .await?;
    tx.commit().await?;
    let url = link(site.origin(), &secret);
    Ok((StatusCode::CREATED, Json(kept.seen(Some(url)))))
}

/// What the database says, through the connections that are open.
async fn own_records(app: &App) -> Result<Records, String> {
    let looked = async {
        app.db.check_write(app.now()).await?;
        livekit_events::heard_at(&app.db).await
    };
    let heard = looked.await.map_err(|error| error.to_string())?;
    Ok(Records {
        database: app.db.backend().to_owned(),
        webhook_heard: heard.map(Into::into),
    })
}

/// Writes a check down; the secret of its link is in no database.
pub(super) async fn keep(
    tx: &mut Tx,
    (random, now): (&Random, Timestamp),
    by: String,
    server: ServerHalf,
) -> Result<(Kept, SecretString), DbError> {
    let secret = token::new(random, PREFIX);
    let kept = Kept {
        id: DoctorCheckId::new(random, now),
        created_by: by,
        created_at: now,
        expires_at: now + GOOD_FOR,
        server,
        browser: None,
        browser_at: None,
        started_at: None,
        heard_at: None,
    };
    store::insert(tx, &kept, &token::hash(&secret)).await?;
    Ok((kept, secret))
}

/// Where a browser opens it.
pub(super) fn link(origin: &str, secret: &SecretString) -> String {
    format!("{origin}/d/{}", secret.expose_secret())
}
