//! API keys: programs use this site as their LiveKit server with them. It must not know how a program's request goes on.

mod admit;
mod clean_up;
mod create;
mod list;
mod model;
mod read_token;
mod revoke;
mod secret;
mod send_out;
mod store;
#[cfg(test)]
mod tests;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use admit::{admit, let_in_by_revoked};
pub use clean_up::clean_up;
pub use model::{ApiKey, ApiKeyGrant, ApiKeyId, ApiKeyName, Ceiling};
pub use read_token::{
    ProgramToken, TokenRefused, by_issuer, find, find_by_secret, look_at_token, read_token,
    sign_token,
};
pub use send_out::SendOut;

use crate::app::App;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(revoke::revoke))
}
