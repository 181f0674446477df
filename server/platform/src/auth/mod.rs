//! How people prove who they are: passwords, sessions per device, guests, the setup link.

mod current;
mod guest;
mod model;
mod store;
mod token;

use utoipa_axum::router::OpenApiRouter;

pub use current::{Admin, CurrentUser};
pub use guest::{Guest, GuestCookie, welcome, welcome_back};
pub use model::{GuestId, SessionId, SessionKind};

use crate::{app::App, config::Config};

/// What this feature keeps in memory.
pub struct Auth;

impl Auth {
    pub fn new(_config: &Config) -> Auth {
        Auth
    }
}

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
