//! The HTTP surface: signal WebSockets, the validate endpoints, Twirp and the health page. It must not know rooms from
//! inside.

mod authorize;
mod client_address;
mod connect;
mod health;
mod refusal;
mod rtc;
mod signal_socket;

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{Router, http::Request, routing::get};
use http::{Method, Uri};
use livekit_wire::ApiKeys;
use tokio_util::task::TaskTracker;
use tower_http::cors::{AllowHeaders, AllowOrigin, Any, CorsLayer, ExposeHeaders};

use crate::{
    config::{Limit, Room},
    room_service,
    shard::Rooms,
};

pub use authorize::authorize;
pub use refusal::Refusal;

/// What every request may reach.
#[derive(Clone)]
pub struct App {
    /// The rooms.
    pub rooms: Rooms,
    /// Keys that tokens may be signed with.
    pub keys: ApiKeys,
    /// Sizes beyond which requests are refused.
    pub limit: Limit,
    /// Whether joining opens a room.
    pub auto_create: bool,
    /// The time tokens are checked against.
    pub wall_clock: fn() -> SystemTime,
    /// Open signal WebSockets: a server that stops waits until each has sent what it had to send.
    pub signal_connections: TaskTracker,
}

impl App {
    /// An app over running rooms.
    pub fn new(
        rooms: Rooms,
        keys: ApiKeys,
        limit: Limit,
        room: &Room,
        wall_clock: fn() -> SystemTime,
    ) -> Arc<Self> {
        Arc::new(Self {
            rooms,
            keys,
            limit,
            auto_create: room.auto_create,
            wall_clock,
            signal_connections: TaskTracker::new(),
        })
    }
}

/// Every route of the server.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(health::get))
        .route("/rtc", get(rtc::v0))
        .route("/rtc/v1", get(rtc::v1))
        .route("/rtc/validate", get(rtc::validate_v0))
        .route("/rtc/v1/validate", get(rtc::validate_v1))
        .merge(room_service::routes())
        .fallback(health::not_found)
        .layer(cors())
        .with_state(app)
}

/// Any page may use the server: tokens decide, not origins.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods([
            Method::OPTIONS,
            Method::HEAD,
            Method::GET,
            Method::POST,
            Method::PATCH,
            Method::DELETE,
        ])
        // A literal `*` does not cover Authorization in browsers.
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(ExposeHeaders::from(Any))
        .max_age(Duration::from_hours(24))
}

/// Clients that were given an address with a trailing slash ask for `//rtc`.
pub fn drop_double_slash<B>(mut request: Request<B>) -> Request<B> {
    let path_and_query = request
        .uri()
        .path_and_query()
        .map_or("", |text| text.as_str());
    if path_and_query.starts_with("//")
        && let Ok(uri) = path_and_query[1..].parse::<Uri>()
    {
        *request.uri_mut() = uri;
    }
    request
}
