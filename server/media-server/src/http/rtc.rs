//! `/rtc` and its relatives: the way to a signal WebSocket, and the same checks without one.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{
        ConnectInfo, FromRequestParts, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    response::{IntoResponse, Response},
};
use http::{StatusCode, header::CONTENT_TYPE, request::Parts};
use livekit_wire::connect::ConnectParams;

use super::{
    client_address::client_address,
    connect::{self, Endpoint},
    refusal::Refusal,
    signal_socket,
};
use crate::{app::App, ground::JoinRequest};

/// What a signal WebSocket holds while nothing is said: most messages fit, larger ones are put together as they come.
const SOCKET_BUFFER: usize = 4 << 10;

pub(super) async fn v0(State(app): State<Arc<App>>, parts: Parts) -> Response {
    open(&app, Endpoint::V0, parts).await
}

pub(super) async fn v1(State(app): State<Arc<App>>, parts: Parts) -> Response {
    open(&app, Endpoint::V1, parts).await
}

pub(super) async fn validate_v0(State(app): State<Arc<App>>, parts: Parts) -> Response {
    validate(&app, Endpoint::V0, &parts).await
}

pub(super) async fn validate_v1(State(app): State<Arc<App>>, parts: Parts) -> Response {
    validate(&app, Endpoint::V1, &parts).await
}

async fn open(app: &Arc<App>, endpoint: Endpoint, mut parts: Parts) -> Response {
    let upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection> =
        WebSocketUpgrade::from_request_parts(&mut parts, app).await;
    // The original answers requests that are no upgrade with a bare 404.
    let Ok(upgrade) = upgrade else {
        return StatusCode::NOT_FOUND.into_response();
    };

    let join = match check(app, endpoint, &parts, false).await {
        Ok(join) => join,
        Err(refusal) => return refusal.into_response(),
    };
    let (room, identity) = (join.room.clone(), join.identity.clone());
    let session = match app.rooms.join(join).await {
        Ok(session) => session,
        Err(refused) => return Refusal::Join(refused).into_response(),
    };
    let wall_clock = app.wall_clock;
    let connection = app.connections.token();
    let limit = app.limit.signal_message_size_limit;
    let limit = if limit == 0 { usize::MAX } else { limit };
    tracing::info!(%room, participant = %identity, sid = %session.participant_sid, "signal connection opened");
    upgrade
        .read_buffer_size(SOCKET_BUFFER)
        .write_buffer_size(SOCKET_BUFFER)
        .max_message_size(limit)
        .max_frame_size(limit)
        .on_upgrade(move |socket| async move {
            signal_socket::run(socket, session, limit, wall_clock).await;
            drop(connection);
        })
}

async fn validate(app: &Arc<App>, endpoint: Endpoint, parts: &Parts) -> Response {
    match check(app, endpoint, parts, true).await {
        Ok(_) => ([(CONTENT_TYPE, "text/plain; charset=utf-8")], "success").into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn check(
    app: &App,
    endpoint: Endpoint,
    parts: &Parts,
    strict: bool,
) -> Result<JoinRequest, Refusal> {
    let params = ConnectParams::parse(parts.uri.query().unwrap_or_default());
    let token = app.authorize(&parts.headers, params.access_token.as_deref())?;
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0);
    let address = client_address(&parts.headers, peer);
    connect::check(app, endpoint, params, token, address, strict).await
}
