//! Metrics: what this server has done and what goes on, for Prometheus and for the overview. It must not know how those who
//! ask are made; no label holds a name that a client could choose.

mod counters;
mod gather;
mod scrape;
#[cfg(test)]
mod tests;

use axum::{Router, routing::get};

pub use counters::Counters;
pub use scrape::{Source, Sources};

use crate::app::App;

/// Where metrics are served.
pub const PATH: &str = "/metrics";

/// This feature's route for the site's port, where the configuration wants it there, and for a listener of its own.
pub fn scrape_routes() -> Router<App> {
    Router::new().route(PATH, get(scrape::scrape))
}
