//! Takes over what any replica has ordered or is about to prove; every replica looks for itself.

use std::time::Duration;

use acme::{Certificate, proof_certificate};
use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{
    model::{CertificateState, SiteCertificate, Wanted},
    store,
};
use crate::{app::App, db::DbError};

const EVERY: Duration = Duration::from_secs(2);

/// Looks again and again, until `shutdown`, where the site's certificate comes from an authority.
pub async fn watch(app: &App, shutdown: &CancellationToken) {
    let Some(site) = app.certificate.get() else {
        return;
    };
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
        look_or_say(app, site).await;
    }
}

/// Looks once; where that fails, what was seen before stays.
pub async fn look_or_say(app: &App, site: &SiteCertificate) {
    if let Err(error) = look(app, site).await {
        tracing::warn!(%error, "the certificate in the database cannot be looked at");
    }
}

/// Looks once.
pub async fn look(app: &App, site: &SiteCertificate) -> Result<(), DbError> {
    let wanted = Wanted::of(&app.config);
    let failed = store::failed(&app.db, &wanted).await?;
    let shown = store::shown(&app.db, app.now()).await?;
    // One order at a time, and few names: to make them again costs less than to remember.
    let proofs = shown.into_iter().filter_map(|(name, digest)| {
        let digest = STANDARD.decode(digest).ok()?;
        let proof = proof_certificate(&name, &digest);
        let made = proof.inspect_err(|error| tracing::warn!(%error, name, "no proof can be made"));
        Some((name, made.ok()?))
    });
    site.resolver.show_proofs(proofs);

    let mut state = site.state();
    if let Some(kept) = store::kept(&app.db, &wanted).await?
        && state.issued_at != Some(kept.issued_at)
    {
        let certificate = Certificate {
            chain: kept.chain,
            key: kept.private_key,
        };
        match certificate.certified() {
            Ok(certified) => {
                site.resolver.use_certificate(certified);
                state = CertificateState {
                    issued_at: Some(kept.issued_at),
                    ends_at: Some(kept.ends_at),
                    is_trusted: certificate.is_trusted(&wanted.names, app.now().into()),
                    failure: None,
                };
                tracing::info!(names = wanted.key(), "the certificate is used");
            }
            Err(error) => {
                // Said once, and not at every look.
                state.issued_at = Some(kept.issued_at);
                tracing::warn!(%error, "the kept certificate is of no use");
            }
        }
    }
    state.failure = failed.map(|failed| failed.detail);
    *site.state.lock() = state;
    Ok(())
}
