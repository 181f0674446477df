//! Quality: how a call went for one person, as their own page measured it and the media server counted it, kept for some
//! days, so that "why was her sound bad at 10:14" has an answer. It must not know what was said or shown.

mod clean_up;
mod count;
mod limits;
mod model;
mod read;
mod report;
mod store;
#[cfg(test)]
mod tests;
mod verdict;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use clean_up::clean_up;
pub use count::{Counted, count};
pub use limits::Limits;
pub use model::SAMPLED;

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(report::report))
        .routes(routes!(read::read))
}
