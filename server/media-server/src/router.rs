//! The one list of doors, and what holds for both: pages of any origin may ask, and a doubled slash is forgiven.

use std::{sync::Arc, time::Duration};

use axum::{Router, http::Request};
use http::{Method, Uri};
use tower_http::cors::{AllowHeaders, AllowOrigin, Any, CorsLayer, ExposeHeaders};

use crate::{app::App, http as signal, room_service};

/// Every route of the server.
pub fn router(app: Arc<App>) -> Router {
    signal::routes()
        .merge(room_service::routes())
        .fallback(signal::not_found)
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
