//! Agents: programs that take part in calls, sent by workers that register with the media server. What administrators see of
//! workers and their jobs, and do about them. It must not know how workers are reached.

pub mod commands;
mod delete_dispatch;
mod dispatch;
mod drain;
mod end_job;
mod list_dispatches;
mod overview;
#[cfg(test)]
mod tests;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(overview::overview))
        .routes(routes!(list_dispatches::list, dispatch::dispatch))
        .routes(routes!(delete_dispatch::delete))
        .routes(routes!(drain::drain))
        .routes(routes!(end_job::end))
        .merge(commands::routes())
}
