//! The door for programs: LiveKit's API on the site's own address, under keys that an administrator hands out. It must not
//! know which server answers, nor how keys are kept.

mod agent;
mod call;
mod create_token;
mod decode_token;
mod error;
mod livekit_token;
mod scope;
#[cfg(test)]
mod tests;
mod whip;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{any, get},
};
use http::Method;
use tower_http::cors::{AllowHeaders, Any, CorsLayer};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

// LiveKit's own bound on the bodies of its API is 10 MiB; the largest that it takes in earnest is metadata of 64 KiB.
const LARGEST_BODY: usize = 1024 * 1024;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_token::create))
        .routes(routes!(decode_token::decode))
        .routes(routes!(livekit_token::livekit_token))
}

/// LiveKit's services. They answer any page, as LiveKit does: what lets one in is the token, never a cookie.
pub fn twirp_routes() -> Router<App> {
    Router::new()
        .route("/twirp/{service}/{method}", any(call::call))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(CorsLayer::permissive())
}

/// Publishers over HTTP. They answer any page, as LiveKit does: what lets one in is the token or the stream key.
pub fn whip_routes() -> Router<App> {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        // A literal `*` does not cover Authorization in browsers.
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(Any);
    // Which methods there are is up to the media server.
    Router::new()
        .route("/whip/v1", any(whip::with_join_token))
        .route("/whip/v1/{sid}", any(whip::with_join_token))
        .route("/w", any(whip::with_stream_key))
        .route("/w/{key}", any(whip::with_stream_key))
        .route("/w/{key}/{session}", any(whip::with_stream_key))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(cors)
}

/// The door of agents' workers, whose sockets stay open: no request timeout applies to it.
pub fn agent_routes() -> Router<App> {
    Router::new().route("/agent", get(agent::agent))
}
