//! What `convoke doctor` finds: the way to this site tried out from both ends. It must not know how the server's half is
//! collected, nor join a room of people.

mod pieces;
mod records;
mod socket;

use axum::{Router, routing::get};

pub use records::{Records, records};

use crate::app::App;

/// What tries the way to this site: it needs no account, and answers nobody's secret.
pub fn way_routes() -> Router<App> {
    Router::new()
        .route("/api/doctor/pieces", get(pieces::pieces))
        .route("/api/doctor/socket", get(socket::socket))
}
