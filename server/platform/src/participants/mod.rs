//! Participants: who is in a call, and what moderators do about them. What they decide is on record in `moderation`; the
//! media server enforces it.

mod ban;
mod hand;
mod kick;
mod lift_ban;
mod list;
mod list_bans;
mod model;
mod mute;
mod mute_all;
mod permissions;
mod signal;
mod target;
#[cfg(test)]
mod tests;

use axum::{Router, routing::get};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use kick::apply as kick_out;
pub use model::Roles;
pub use mute::apply as mute_source;
pub use signal::{SignalError, exchanged, judged};
pub use target::runs_it_too;

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(mute::mute))
        .routes(routes!(mute_all::mute_all))
        .routes(routes!(permissions::permissions))
        .routes(routes!(kick::kick))
        .routes(routes!(ban::ban))
        .routes(routes!(list_bans::list_bans))
        .routes(routes!(lift_ban::lift_ban))
        .routes(routes!(hand::hand))
}

/// The signal proxy: `/rtc…`, which streams, so no request timeout applies to it.
pub fn signal_routes() -> Router<App> {
    Router::new()
        .route("/rtc", get(signal::signal))
        .route("/rtc/v1", get(signal::signal))
        .route("/rtc/validate", get(signal::signal))
        .route("/rtc/v1/validate", get(signal::signal))
}
