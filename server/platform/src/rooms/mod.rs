//! Rooms: what people create, share and join.

mod model;

use utoipa_axum::router::OpenApiRouter;

pub use model::{Access, MemberRole, RoomId, RoomRole, RoomTitle, Slug};

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}

/// The stream of live events; no request timeout applies to it.
pub fn stream_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
