//! Egress: what goes out of rooms, as files, HLS and live streams, whoever asked for it; administrators see, start, change and
//! stop it. The recorder keeps it; this feature has no table. It must not know which recorder that is.

mod hear;
mod list;
mod model;
mod start;
mod stop;
mod target;
#[cfg(test)]
mod tests;
mod update;

use http::StatusCode;
use livekit_protocol as proto;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use hear::{hear, tells};

use crate::{
    app::App,
    audit::Actor,
    db::DbError,
    happenings::{self, Happening},
    http::Problem,
    rooms,
};

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, start::start))
        .routes(routes!(update::update))
        .routes(routes!(stop::stop))
}

/// Tells what somebody did with this egress, in its room where that is one of the site.
async fn tell(
    app: &App,
    by: &Actor,
    info: &proto::EgressInfo,
    happening: Happening<'_>,
) -> Result<(), DbError> {
    let room = rooms::known(&app.db, &info.room_name).await?;
    happenings::tell_alone(app, Some(by), room.as_ref(), &happening).await
}

/// 409: nothing can be asked of it any more.
fn ended() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "egress_ended",
        "This is not sent out any more: it can be neither changed nor stopped.",
    )
}
