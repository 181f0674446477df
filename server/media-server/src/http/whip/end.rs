//! `DELETE`: the publisher leaves.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use http::{HeaderMap, StatusCode, Uri};
use livekit_wire::connect::ConnectParams;

use super::refusal::WhipRefusal;
use crate::{app::App, http::refusal::Refusal, whip::Publisher};

pub(super) async fn with_join_token(
    State(app): State<Arc<App>>,
    Path(sid): Path<String>,
    request: Request,
) -> Result<StatusCode, WhipRefusal> {
    let publisher = of_token(&app, request.uri(), request.headers(), &sid)?;
    publisher.end().await;
    Ok(StatusCode::OK)
}

/// The publisher with this sid, if the token is one for its room and identity.
pub(super) fn of_token(
    app: &App,
    uri: &Uri,
    headers: &HeaderMap,
    sid: &str,
) -> Result<Publisher, WhipRefusal> {
    let params = ConnectParams::parse(uri.query().unwrap_or_default());
    let token = app
        .authorize(headers, params.access_token.as_deref())
        .map_err(Refusal::from)?;
    let claims = token.ok_or(Refusal::NoPermission)?.claims;
    let video = claims.video.as_ref().filter(|video| video.room_join);
    let room = video.ok_or(Refusal::MayNotJoin)?.room.as_str();
    app.publishers
        .find(sid)
        .filter(|publisher| {
            publisher.room.as_str() == room && publisher.identity.as_str() == claims.identity
        })
        .ok_or(WhipRefusal::NotFound)
}
