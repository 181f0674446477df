//! Shows a recording to an outsider who has a link, and plays it.

use axum::{extract::State, response::Response};
use garde::Validate;
use http::{HeaderMap, header};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    model::{SharedFilm, SharedRecording},
    store::{self, ShareRow},
};
use crate::{
    accounts::token,
    app::App,
    audit::Actor,
    happenings::{self, Happening, Recorded},
    http::{ClientIp, Json, Path, Problem, Query},
    recordings::{
        marks,
        media::{self, Flag},
        poster as posters,
        store::{self as recordings, RecordingRow},
        told,
    },
};

/// Proof that the password is known.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Pass {
    /// What unlocking the link gave, where it has a password.
    #[garde(length(max = 100))]
    pass: Option<String>,
}

/// How the film is wanted.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SharedMediaQuery {
    /// What unlocking the link gave, where it has a password.
    #[garde(length(max = 100))]
    pass: Option<String>,
    /// `1`: as a file to keep, where the link allows it.
    #[garde(skip)]
    #[param(value_type = Option<u8>, minimum = 0, maximum = 1)]
    download: Option<Flag>,
}

/// A recording by its link; with a password only after unlocking it.
#[utoipa::path(
    get, path = "/api/shares/{token}", tag = "recordings", operation_id = "readSharedRecording",
    params(("token" = String, Path), Pass),
    responses((status = 200, body = SharedRecording), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn open(
    State(app): State<App>,
    ClientIp(client): ClientIp,
    Path(secret): Path<String>,
    Query(query): Query<Pass>,
) -> Result<Json<SharedRecording>, Problem> {
    app.auth.limits.open_share(&app, ClientIp(client)).await?;
    let (share, row) = find(&app, &secret).await?;
    if !is_unlocked(&share, &secret, query.pass.as_deref()) {
        return Ok(Json(SharedRecording {
            locked: true,
            recording: None,
        }));
    }
    let chapters = marks::store::list(&app.db, row.id).await?;
    let mut tx = app.db.begin().await?;
    store::count_view(&mut tx, share.id).await?;
    if let Some(room) = told::place(&mut tx, &row).await? {
        let viewed = Happening::RecordingViewed(Recorded {
            id: row.id,
            title: &row.title,
        });
        happenings::tell(&app, &mut tx, Some(&by_link(&share)), Some(&room), &viewed).await?;
    }
    tx.commit().await?;
    let pass = query
        .pass
        .map(|pass| format!("?pass={pass}"))
        .unwrap_or_default();
    Ok(Json(SharedRecording {
        locked: false,
        recording: Some(SharedFilm {
            title: row.title,
            layout: row.layout,
            audio_only: row.audio_only,
            started_at: row.started_at,
            duration_ms: row.duration_ms,
            size: row.size,
            media_type: row.media_type,
            may_download: share.may_download,
            media_url: format!("/api/shares/{secret}/media{pass}"),
            chapters,
            poster_url: row
                .poster_type
                .map(|_| format!("/api/shares/{secret}/poster{pass}")),
        }),
    }))
}

/// The film by its link: with `Range`, or by a redirect to where it is.
#[utoipa::path(
    get, path = "/api/shares/{token}/media", tag = "recordings", operation_id = "readSharedMedia",
    params(("token" = String, Path), SharedMediaQuery),
    responses(
        (status = 200, body = [u8], content_type = "video/mp4"),
        (status = 206, body = [u8], content_type = "video/mp4", description = "A range of it."),
        (status = 302, description = "It is in a bucket: `Location` is good for ten minutes."),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn media(
    State(app): State<App>,
    ClientIp(client): ClientIp,
    Path(secret): Path<String>,
    Query(query): Query<SharedMediaQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // A player asks for many pieces; who guesses secrets asks for none that there is.
    let found = find(&app, &secret).await;
    if found.is_err() {
        app.auth.limits.open_share(&app, ClientIp(client)).await?;
    }
    let (share, row) = found?;
    if !is_unlocked(&share, &secret, query.pass.as_deref()) {
        return Err(Problem::forbidden("This link asks for a password."));
    }
    let download = query.download == Some(Flag::Yes);
    if download && !share.may_download {
        return Err(Problem::forbidden("This recording is not for downloading."));
    }
    let answer = media::serve(&app, &row, download, &headers).await?;
    if download && !headers.contains_key(header::RANGE) {
        let mut tx = app.db.begin().await?;
        if let Some(room) = told::place(&mut tx, &row).await? {
            let downloaded = Happening::RecordingDownloaded(Recorded {
                id: row.id,
                title: &row.title,
            });
            let by = by_link(&share);
            happenings::tell(&app, &mut tx, Some(&by), Some(&room), &downloaded).await?;
        }
        tx.commit().await?;
    }
    Ok(answer)
}

/// The film's picture by its link.
#[utoipa::path(
    get, path = "/api/shares/{token}/poster", tag = "recordings", operation_id = "readSharedPoster",
    params(("token" = String, Path), Pass),
    responses((status = 200, body = [u8], content_type = "image/webp"),
        (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn poster(
    State(app): State<App>,
    ClientIp(client): ClientIp,
    Path(secret): Path<String>,
    Query(query): Query<Pass>,
) -> Result<Response, Problem> {
    let found = find(&app, &secret).await;
    if found.is_err() {
        app.auth.limits.open_share(&app, ClientIp(client)).await?;
    }
    let (share, row) = found?;
    if !is_unlocked(&share, &secret, query.pass.as_deref()) {
        return Err(Problem::forbidden("This link asks for a password."));
    }
    posters::serve(&app, &row).await
}

/// One answer for a wrong, an expired and a revoked link: it tells a guesser nothing.
pub async fn find(app: &App, secret: &str) -> Result<(ShareRow, RecordingRow), Problem> {
    let gone = || Problem::not_found("link");
    let hash = token::hash(&SecretString::from(secret));
    let share = store::by_token(&app.db, &hash, app.now())
        .await?
        .ok_or_else(gone)?;
    let row = recordings::by_id(&app.db, share.recording_id).await?;
    Ok((share, row.ok_or_else(gone)?))
}

/// What proves that somebody knew the password: only this server can make it of the link and the password's hash.
pub fn pass(secret: &str, password_hash: &str) -> String {
    token::hash_text(&format!("{secret} {password_hash}"))
}

fn is_unlocked(share: &ShareRow, secret: &str, given: Option<&str>) -> bool {
    match &share.password_hash {
        None => true,
        // Both are hashes: what can be learned from the time is of no use.
        Some(hash) => given.is_some_and(|given| given == pass(secret, hash)),
    }
}

fn by_link(share: &ShareRow) -> Actor {
    Actor {
        user_id: None,
        name: format!("link of {}", share.created_by_name),
    }
}
