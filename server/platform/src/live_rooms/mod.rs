//! Rooms as they are live on the media server, also those that programs made: seen and run without joining. What is done
//! to people in the site's own rooms goes through `participants` and `rooms`. It must not know SQL.

mod create;
mod end;
mod error;
mod list;
mod list_participants;
mod model;
mod mute_track;
mod place;
mod read;
mod read_participant;
mod remove_participant;
mod send_data;
#[cfg(test)]
mod tests;
mod update;
mod update_participant;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(read::read, update::update, end::end))
        .routes(routes!(list_participants::list_participants))
        .routes(routes!(
            read_participant::read_participant,
            update_participant::update_participant,
            remove_participant::remove_participant
        ))
        .routes(routes!(mute_track::mute_track))
        .routes(routes!(send_data::send_data))
}
