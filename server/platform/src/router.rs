//! Every feature mounted: the one list of what this server answers.

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    admin, app::App, audit, auth, health, invites, livekit, meetings, participants, rooms, site,
    users,
};

/// The API's routes and their description.
fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(site::routes())
        .merge(auth::routes())
        .merge(users::routes())
        .merge(invites::routes())
        .merge(rooms::routes())
        .merge(participants::routes())
        .merge(meetings::routes())
        .merge(livekit::routes())
        .merge(admin::routes())
        .merge(audit::routes())
}

/// The public site: API, web UI, signal proxy, health.
pub fn public(app: App) -> Router {
    let (api, _document) = api().merge(rooms::stream_routes()).split_for_parts();
    Router::new()
        .merge(api)
        .merge(health::routes())
        .merge(participants::signal_routes())
        .with_state(app)
}

/// The loopback listener for the media child.
pub fn internal(app: App) -> Router {
    Router::new()
        .merge(meetings::internal_routes())
        .with_state(app)
}
