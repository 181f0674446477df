//! How people prove who they are: passwords, reset links, the setup link; pages of other sites prove nothing.

mod change_password;
mod check_link;
mod clean_up;
mod command_line;
mod create_user;
mod csrf;
mod limits;
mod me;
mod password;
mod register;
mod rename;
mod reset;
mod setup;
mod sign_in;
mod sign_out;
mod signed_in;
mod store;

use std::sync::atomic::AtomicBool;

use parking_lot::Mutex;
use secrecy::SecretString;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use clean_up::clean_up;
pub use command_line::{
    Accounts, CreatedAccount, NewAccount, NewAccountError, OpenAccountsError,
    ResetPasswordLinkError,
};
pub use csrf::require_own_page;
pub use setup::{is_required as is_setup_required, offer as offer_setup_link};

use crate::{app::App, config::Config, http::Problem, random::Random};

/// What this feature keeps in memory.
pub struct Auth {
    /// How often one may try.
    pub limits: limits::Limits,
    passwords: password::Passwords,
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
            has_admin: AtomicBool::new(false),
            setup_link: Mutex::new(None),
        }
    }

    /// What to keep of a secret that people choose.
    pub async fn hash(&self, random: &Random, secret: SecretString) -> Result<String, Problem> {
        Ok(self.passwords.hash(random, secret).await?)
    }

    /// Whether `secret` is what `hash` was made of.
    pub async fn matches(&self, secret: SecretString, hash: String) -> Result<bool, Problem> {
        Ok(self.passwords.verify(secret, Some(hash)).await?)
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
        .routes(routes!(check_link::check_link))
        .routes(routes!(create_user::create))
        .routes(routes!(reset::create::create))
        .routes(routes!(reset::redeem::redeem))
}
