//! Usage: what went on in each minute, kept for the overview's charts, and how this server is doing now. It must not know who
//! was in a call.

mod clean_up;
mod hear;
mod minute;
mod panel;
mod read;
mod sample;
mod store;
#[cfg(test)]
mod tests;
mod vitals;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use clean_up::clean_up;
pub use hear::hear;
pub use panel::CertificateEnd;
pub use sample::sample;
pub use vitals::{Vitals, watch};

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read::read))
        .routes(routes!(panel::panel))
}
