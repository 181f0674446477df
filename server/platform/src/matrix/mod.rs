//! Matrix: what the site says and keeps for the MatrixRTC service that bin mounts beside it.
//! It must not know how that service works.

mod delayed_leaves;
mod model;
mod store;
mod well_known;

use axum::{Router, routing::get};

pub use delayed_leaves::DelayedLeaves;
pub use model::DelayedLeave;
pub use well_known::SERVICE_PATH;

use crate::app::App;

/// What Matrix clients look for at the root of a host.
pub fn routes() -> Router<App> {
    Router::new().route("/.well-known/matrix/client", get(well_known::client))
}
