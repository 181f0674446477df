//! Meetings: who is in which call now and who was, as LiveKit's events and listings tell it.

mod agree;
mod clean_up;
mod clients;
mod cut;
mod hear;
mod list;
mod list_all;
mod model;
mod presence;
mod record;
mod store;
mod visits;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use agree::agree;
pub use clean_up::clean_up;
pub use clients::{ClientFacts, ClientShare, clients_between, note_client};
pub use cut::{cut_before_start, cut_room_until, cut_unlisted, cut_until, in_meeting};
pub use hear::hear;
pub use list_all::{ListAllMeetings, SiteMeeting, page};
pub use model::{AttendanceId, MeetingId};
pub use presence::{Stays, calls, keep_inside, note_all_inside, stays};
pub use store::{
    Call, Present, Stayed, count_live, is_seated, last_name, live_subjects, present, running,
    set_route, stayed, stays_between, stays_by_sid, stays_of,
};

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(list_all::list_all))
        .routes(routes!(list_all::read))
}
