//! Every feature mounted: the one list of what this server answers.

use axum::{Router, middleware};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    accounts, admin, agents, api_keys, app::App, audit, auth, certificates, doctor, egress,
    gateway, health, http, ingress, invites, live_rooms, livekit, livekit_events, matrix, meetings,
    metrics, pages, participants, preferences, quality, recordings, rooms, settings, sip, site,
    system, usage, webhooks,
};

#[cfg(test)]
mod tests;

/// The API's routes that answer at once.
fn at_once() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(site::routes())
        .merge(auth::routes())
        .merge(accounts::routes())
        .merge(invites::routes())
        .merge(rooms::routes())
        .merge(participants::routes())
        .merge(meetings::routes())
        .merge(quality::routes())
        .merge(livekit_events::routes())
        .merge(recordings::routes())
        .merge(livekit::routes())
        .merge(live_rooms::routes())
        .merge(admin::routes())
        .merge(usage::routes())
        .merge(api_keys::routes())
        .merge(gateway::routes())
        .merge(agents::routes())
        .merge(sip::routes())
        .merge(system::routes())
        .merge(ingress::routes())
        .merge(egress::routes())
        .merge(settings::routes())
        .merge(preferences::routes())
        .merge(doctor::routes())
        .merge(webhooks::routes())
        .merge(audit::routes())
}

/// The API's routes that stream.
fn streams() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(rooms::stream_routes())
        .merge(recordings::stream_routes())
        .merge(admin::stream_routes())
        .merge(doctor::slow_routes())
}

/// The public site: API, web UI, signal proxy, health.
pub fn public(app: App) -> Router {
    let own_page = middleware::from_fn_with_state(app.clone(), auth::require_own_page);
    let api = http::api(at_once().into(), streams().into()).layer(own_page);
    let metrics = if app.config.metrics.on_the_site() {
        metrics::scrape_routes()
    } else {
        Router::new()
    };
    let routes = Router::new()
        .merge(api)
        .merge(metrics)
        .merge(http::reference(openapi_json()))
        .merge(health::routes())
        .merge(certificates::proof_routes())
        .merge(matrix::routes())
        .merge(participants::signal_routes())
        .merge(doctor::way_routes())
        .merge(gateway::twirp_routes())
        .merge(gateway::agent_routes())
        .merge(gateway::whip_routes())
        .merge(pages::routes())
        .fallback(pages::any_other)
        .method_not_allowed_fallback(http::method_not_allowed);
    http::everything(&app, routes).with_state(app)
}

/// Plain HTTP beside the site: proofs for certificate authorities, and the way to the site for everybody else.
pub fn redirect(app: App) -> Router {
    Router::new()
        .merge(certificates::proof_routes())
        .fallback(site::to_site)
        .with_state(app)
}

/// The loopback listener for the media child.
pub fn internal(app: App) -> Router {
    let routes = Router::new()
        .merge(livekit_events::internal_routes())
        .merge(ingress::internal_routes());
    http::everything(&app, routes).with_state(app)
}

/// The listener that only Prometheus reaches.
pub fn metrics(app: App) -> Router {
    http::everything(&app, metrics::scrape_routes()).with_state(app)
}

/// The API's description, as committed in `docs/openapi.json`.
pub fn openapi_json() -> String {
    let document: OpenApi = at_once().merge(streams()).into_openapi();
    http::openapi::text_of(document, webhooks::described())
}
