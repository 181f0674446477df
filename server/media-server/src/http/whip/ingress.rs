//! `/w`: publishing over HTTP with a stream key instead of a token, as LiveKit's ingress service takes it
//! (github.com/livekit/ingress, pkg/whip/server.go). It must not know ingresses from inside.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, Path, Request, State},
    response::Response,
};
use http::{HeaderMap, StatusCode, header::AUTHORIZATION};

use super::{
    super::client_address::client_address,
    patch::patch,
    publish::{created, offer_of},
    refusal::WhipRefusal,
    text_of,
};
use crate::{app::App, ingress::Door, whip::Publisher};

/// The key as OBS sends it, in `Authorization: Bearer`, or without that word.
pub(super) async fn with_bearer(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, WhipRefusal> {
    let key = bearer(request.headers()).ok_or(WhipRefusal::NoKey)?;
    publish(&app, &key, request).await
}

/// The key in the address.
pub(super) async fn with_key(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    request: Request,
) -> Result<Response, WhipRefusal> {
    publish(&app, &key, request).await
}

pub(super) async fn patch_session(
    State(app): State<Arc<App>>,
    Path((key, sid)): Path<(String, String)>,
    request: Request,
) -> Result<Response, WhipRefusal> {
    patch(find(&app, &key, &sid).await?, request).await
}

pub(super) async fn end_session(
    State(app): State<Arc<App>>,
    Path((key, sid)): Path<(String, String)>,
) -> Result<StatusCode, WhipRefusal> {
    find(&app, &key, &sid).await?.end().await;
    Ok(StatusCode::OK)
}

async fn find(app: &App, key: &str, sid: &str) -> Result<Publisher, WhipRefusal> {
    let publisher = app.ingresses.publisher(key, sid).await;
    publisher.ok_or(WhipRefusal::NotFound)
}

async fn publish(app: &App, key: &str, request: Request) -> Result<Response, WhipRefusal> {
    let (parts, body) = request.into_parts();
    let text = text_of(&parts.headers, body, "application/sdp").await?;
    let offer = offer_of(&text)?;
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let address = client_address(&parts.headers, peer.map(|info| info.0));
    let door = Door {
        rooms: app.rooms.clone(),
        publishers: app.publishers.clone(),
        keys: app.keys.clone(),
        connections: app.connections.clone(),
    };
    let started = app.ingresses.publish(door, key, offer, address).await?;
    let location = format!("/w/{key}/{}", started.publisher.sid);
    Ok(created(&started, &location))
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let key = value.strip_prefix("Bearer ").unwrap_or(value).trim();
    (!key.is_empty()).then(|| key.to_owned())
}
