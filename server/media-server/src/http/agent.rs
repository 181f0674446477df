//! `/agent`: the way to a worker's WebSocket (pkg/service/agentservice.go). It must not know what workers do.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, FromRequestParts, State, ws::WebSocketUpgrade},
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};
use livekit_wire::connect::ConnectParams;

use super::{client_address::client_address, refusal::Refusal};
use crate::{
    agents::{self, Credentials},
    app::App,
};

/// What a worker's WebSocket holds while nothing is said.
const SOCKET_BUFFER: usize = 4 << 10;

pub(super) async fn agent(State(app): State<Arc<App>>, mut parts: Parts) -> Response {
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &app).await;
    // The original answers requests that are no upgrade with a bare 404.
    let Ok(upgrade) = upgrade else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let credentials = match credentials(&app, &parts) {
        Ok(credentials) => credentials,
        Err(refusal) => return refusal.into_response(),
    };
    let limit = app.limit.agent_signal_message_size_limit;
    let limit = if limit == 0 { usize::MAX } else { limit };
    let server = app.node.server_info();
    let (desk, wall_clock) = (app.agents.clone(), app.wall_clock);
    let connection = app.connections.token();
    upgrade
        .read_buffer_size(SOCKET_BUFFER)
        .write_buffer_size(SOCKET_BUFFER)
        .max_message_size(limit)
        .max_frame_size(limit)
        .on_upgrade(move |socket| async move {
            agents::run(socket, credentials, desk, server, wall_clock).await;
            drop(connection);
        })
}

/// Whoever has a token that grants `agent`.
fn credentials(app: &App, parts: &Parts) -> Result<Credentials, Refusal> {
    let params = ConnectParams::parse(parts.uri.query().unwrap_or_default());
    let token = app.authorize(&parts.headers, params.access_token.as_deref())?;
    let token = token.ok_or(Refusal::MayNotJoin)?;
    let video = token.claims.video.as_ref();
    if !video.is_some_and(|video| video.agent) {
        return Err(Refusal::MayNotJoin);
    }
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    Ok(Credentials {
        address: client_address(&parts.headers, peer.map(|info| info.0)),
        subject: token.claims.identity,
        api_key: token.api_key,
    })
}
