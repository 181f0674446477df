//! Webhooks: what happens here, sent to addresses of administrators, signed, in order, until it is taken. It must not
//! know what happenings there are, nor who makes them.

mod clean_up;
mod create;
mod deliver;
mod deliveries;
mod described;
mod feed;
mod filter;
mod list;
mod model;
mod outcome;
mod read;
mod remove;
mod retry;
mod rotate_secret;
mod secret;
mod send;
mod store;
mod test_button;
#[cfg(test)]
mod tests;
mod update;
mod url;

use tokio_util::sync::CancellationToken;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use clean_up::clean_up;
pub use described::described;
pub use feed::{fed_to, lag};
pub use model::{PauseReason, WebhookId};
pub use send::Sender;
pub use store::doing;

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(read::read, update::update, remove::remove))
        .routes(routes!(test_button::test))
        .routes(routes!(rotate_secret::rotate_secret))
        .routes(routes!(deliveries::replay_since::replay_since))
        .routes(routes!(deliveries::list::list))
        .routes(routes!(deliveries::read::read))
        .routes(routes!(deliveries::replay::replay))
}

/// Queues what happens and delivers what is queued, until `shutdown`.
pub async fn run(app: App, shutdown: CancellationToken) {
    tokio::join!(
        feed::run(&app, &shutdown),
        deliver::run(app.clone(), shutdown.clone())
    );
}
