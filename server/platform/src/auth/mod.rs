//! How people prove who they are: passwords, sessions per device, guests, the setup link.

mod change_password;
mod clean_up;
mod cookie;
mod csrf;
mod current;
mod device;
mod guest;
mod known;
mod limits;
mod list_sessions;
mod me;
mod model;
mod password;
mod register;
mod rename;
mod reset;
mod revoke_other_sessions;
mod revoke_session;
mod session;
mod setup;
mod sign_in;
mod sign_out;
mod store;
mod token;

use std::sync::atomic::AtomicBool;

use parking_lot::Mutex;
use secrecy::SecretString;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use clean_up::clean_up;
pub use cookie::{GUEST_COOKIE, SESSION_COOKIE};
pub use csrf::require_own_page;
pub use current::{Admin, CurrentUser, bearer};
pub use guest::{Guest, GuestCookie, welcome, welcome_back};
pub use model::{GuestId, SessionId};
pub use reset::command::{ResetPasswordLinkError, reset_password_link};
pub use session::{current as session_user, end_all as end_sessions};
pub use setup::{is_required as is_setup_required, offer as offer_setup_link};
pub use store::{Account, account};
pub use token::hash_text as hash_token;

use crate::{app::App, config::Config};

/// What this feature keeps in memory.
pub struct Auth {
    /// How often one may try.
    pub limits: limits::Limits,
    passwords: password::Passwords,
    sessions: known::KnownSessions,
    /// Whether there is an administrator: the last one stays, so that once true is true for good.
    has_admin: AtomicBool,
    /// The link that makes the first administrator, until it is used.
    setup_link: Mutex<Option<SecretString>>,
}

impl Auth {
    pub fn new(config: &Config) -> Auth {
        Auth {
            limits: limits::Limits::new(&config.auth),
            passwords: password::Passwords::new(),
            sessions: known::KnownSessions::default(),
            has_admin: AtomicBool::new(false),
            setup_link: Mutex::new(None),
        }
    }

    /// The whole link that makes the first administrator, until it is used.
    pub fn setup_link(&self) -> Option<SecretString> {
        self.setup_link.lock().clone()
    }
}

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(setup::setup))
        .routes(routes!(register::register))
        .routes(routes!(sign_in::sign_in))
        .routes(routes!(sign_out::sign_out))
        .routes(routes!(me::me, rename::rename))
        .routes(routes!(change_password::change_password))
        .routes(routes!(reset::create::create))
        .routes(routes!(reset::redeem::redeem))
        .routes(routes!(list_sessions::list_sessions))
        .routes(routes!(revoke_session::revoke_session))
        .routes(routes!(revoke_other_sessions::revoke_other_sessions))
}
