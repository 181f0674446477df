//! Turns away who asks too often, before a request is read.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::Method;

use crate::app::App;

/// Only POST costs us anything.
pub async fn turn_away(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if request.method() == Method::POST {
        let connection = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |info| info.0.ip());
        if let Some(client) = app.rate_limit.client(connection, request.headers())
            && let Err(error) = app.rate_limit.check(client)
        {
            tracing::info!(%client, "a client asks too often");
            return error.into_response();
        }
    }
    next.run(request).await
}
