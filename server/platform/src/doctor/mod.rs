//! What `convoke doctor` finds: the way to this site tried out from both ends. It must not know how the server's half is
//! collected, nor join a room of people.

mod begin;
mod clean_up;
mod command;
mod download;
mod hear;
mod list;
mod model;
mod open;
mod pieces;
mod records;
mod socket;
mod store;
#[cfg(test)]
mod tests;

use std::time::SystemTime;

use ::doctor::ServerHalf;
use axum::{Router, routing::get};
use futures::future::BoxFuture;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use clean_up::clean_up;
pub use command::{BeginCheckError, BegunCheck};
pub use hear::hear;
pub use model::DoctorCheckId;
pub use records::{Records, records};

use crate::app::App;

/// Collects the server's half, by what the database says and when a webhook was turned away last, and why.
pub type Examiner = Box<
    dyn Fn(Result<Records, String>, Option<(SystemTime, String)>) -> BoxFuture<'static, ServerHalf>
        + Send
        + Sync,
>;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(download::download))
        .routes(routes!(open::open))
        .routes(routes!(open::run))
        .routes(routes!(open::tell))
}

/// The routes that take longer than an answer usually may.
pub fn slow_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(begin::begin))
}

/// What tries the way to this site: it needs no account, and answers nobody's secret.
pub fn way_routes() -> Router<App> {
    Router::new()
        .route("/api/doctor/pieces", get(pieces::pieces))
        .route("/api/doctor/socket", get(socket::socket))
}
