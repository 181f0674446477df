//! Certificates: the site's own, from an authority that speaks ACME, renewed in time by one replica for all. It must not
//! know how TLS connections are taken, only what they are shown.

mod look;
mod model;
mod prove;
mod renew;
mod store;
#[cfg(test)]
mod tests;

use axum::{Router, routing::get};

pub use look::{look_or_say, watch};
pub use model::SiteCertificate;
pub use prove::PROOFS;
pub use renew::{RENEWED, renew};

use crate::{app::App, clock::Timestamp};

/// Until when the site's certificate is good; `None` where there is none, or none can be read.
pub fn ends_at(app: &App) -> Option<Timestamp> {
    if let Some(site) = app.certificate.get() {
        return site.state().ends_at;
    }
    let ends_at = app.certificate_end.get()?;
    ends_at().map(Timestamp::from)
}

/// What an authority asks on the port of plain HTTP, and perhaps through a proxy on the site's own.
pub fn proof_routes() -> Router<App> {
    Router::new().route(&format!("{PROOFS}{{token}}"), get(prove::answer))
}
