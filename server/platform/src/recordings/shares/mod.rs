//! Links to a recording for people without a right to its room: a secret in the link, perhaps a password, an end.

mod create;
mod list;
mod model;
mod open;
mod revoke;
pub mod store;
mod unlock;

use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::RecordingId,
    view::{self, Seen},
};
use crate::{app::App, http::Problem, rooms::caller::Caller};

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(revoke::revoke))
        .routes(routes!(open::open))
        .routes(routes!(unlock::unlock))
}

/// The routes that take as long as their reader.
pub fn stream_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(open::media))
        .routes(routes!(open::poster))
}

/// The recording, for those who may make links to it.
async fn find_to_share(app: &App, id: RecordingId, caller: &Caller) -> Result<Seen, Problem> {
    let seen = view::find(app, id, caller).await?;
    if seen.rights.share {
        Ok(seen)
    } else {
        Err(Problem::forbidden(
            "Only the room's owner and who started the recording may do this.",
        ))
    }
}
