//! What administrators see of this server itself: its configuration, what it logged last, its jobs, and all of it in one
//! file for whoever helps them. It must not hold a secret.

mod kept_log;
mod list_jobs;
mod read_config;
mod read_log;
mod support_bundle;
#[cfg(test)]
mod tests;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use kept_log::{KeptLog, LogLevel, LogLine};

use crate::{app::App, config::Setting};

/// Where this process comes from and what it says: what only the command knows.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// Every key of the configuration, and where its value comes from.
    pub settings: Vec<Setting>,
    /// What was logged last.
    pub log: KeptLog,
}

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read_config::read))
        .routes(routes!(read_log::read))
        .routes(routes!(list_jobs::list))
        .routes(routes!(support_bundle::read))
}
