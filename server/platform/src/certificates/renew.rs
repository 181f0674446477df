//! Orders the site's certificate, and the next one in time; one replica at a time does.

use std::time::Duration;

use acme::{Account, Authority, Binding, Certificate, Credentials, OrderError, Way};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http_edge::outbound::{Trust, direct};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use secrecy::ExposeSecret;
use thiserror::Error;
use tokio::time::{error::Elapsed, timeout};

use super::{
    look::look,
    model::{FailedOrders, KeptCertificate, SiteCertificate, Wanted, renew_at},
    prove::ShowsProofs,
    store,
};
use crate::{app::App, clock::Timestamp, db::DbError};

/// How often it is looked whether it is time.
pub const RENEWED: Duration = Duration::from_mins(5);
/// An order that takes longer is given up before another replica may begin one.
const LONGEST_ORDER: Duration = Duration::from_mins(4);
const ANSWER: Duration = Duration::from_secs(30);

/// Why there is no new certificate.
#[derive(Debug, Error)]
enum RenewError {
    #[error(transparent)]
    Order(#[from] OrderError),
    #[error("the order took too long")]
    Slow(#[from] Elapsed),
    #[error("acme.root_file cannot be read as certificates in PEM")]
    Root,
    #[error("acme.eab_key is not base64url")]
    Binding,
    #[error("no client: {0}")]
    Client(String),
    #[error(transparent)]
    Database(#[from] DbError),
}

/// Orders a certificate if it is time.
pub async fn renew(app: &App) -> Result<(), DbError> {
    let Some(site) = app.certificate.get() else {
        return Ok(());
    };
    let wanted = Wanted::of(&app.config);
    let kept = store::kept(&app.db, &wanted).await?;
    if kept.is_some_and(|kept| kept.renew_at > app.now()) {
        return Ok(());
    }
    let failed = store::failed(&app.db, &wanted).await?;
    if failed
        .as_ref()
        .is_some_and(|failed| failed.is_recent(app.now()))
    {
        return Ok(());
    }
    let failures = failed.map_or(0, |failed| failed.failures);
    // What cannot be written down is not asked for: it would be signed and lost, again and again, until the authority
    // has enough of us.
    let mut attempt = FailedOrders {
        failures: failures + 1,
        failed_at: app.now(),
        detail: "an order is under way, or the server stopped in the middle of one".to_owned(),
        is_rate_limit: false,
    };
    note(app, &wanted, &attempt).await?;
    let way = way(app, site, failures);
    tracing::info!(names = wanted.key(), ?way, "a certificate is ordered");
    let ordered = match timeout(LONGEST_ORDER, order(app, site, &wanted, way)).await {
        Ok(ordered) => ordered,
        Err(slow) => Err(slow.into()),
    };
    match ordered {
        Ok(new) => {
            let mut tx = app.db.begin().await?;
            store::forget_proofs(&mut tx).await?;
            store::keep(&mut tx, &wanted, &new).await?;
            tx.commit().await?;
        }
        Err(error) => {
            tracing::warn!(%error, names = wanted.key(), ?way, "there is no certificate; tried again later");
            attempt.is_rate_limit =
                matches!(&error, RenewError::Order(error) if error.is_rate_limit());
            attempt.detail = error.to_string();
            attempt.failed_at = app.now();
            note(app, &wanted, &attempt).await?;
        }
    }
    look(app, site).await
}

async fn note(app: &App, wanted: &Wanted, attempt: &FailedOrders) -> Result<(), DbError> {
    let mut tx = app.db.begin().await?;
    store::forget_proofs(&mut tx).await?;
    store::note_failure(&mut tx, wanted, attempt).await?;
    tx.commit().await
}

/// By plain HTTP where we have its port, else in a handshake; where one way did not succeed, the other.
fn way(app: &App, site: &SiteCertificate, failures: i64) -> Way {
    let by_handshake_too = app.config.server.port == 443;
    if site.answers_http && (failures % 2 == 0 || !by_handshake_too) {
        Way::Http
    } else {
        Way::Tls
    }
}

async fn order(
    app: &App,
    site: &SiteCertificate,
    wanted: &Wanted,
    way: Way,
) -> Result<KeptCertificate, RenewError> {
    let authority = authority(app)?;
    let proofs = ShowsProofs { app, site };
    let ordered = match account(app, &authority).await {
        Ok(account) => {
            let ordered = acme::order(&account, &wanted.names, way, &proofs).await;
            ordered.map_err(RenewError::from)
        }
        Err(error) => Err(error),
    };
    let certificate = match ordered {
        Err(RenewError::Order(error)) if error.account_is_gone() => {
            let account = new_account(app, &authority).await?;
            acme::order(&account, &wanted.names, way, &proofs).await?
        }
        ordered => ordered?,
    };
    Ok(kept(app, certificate)?)
}

fn kept(app: &App, certificate: Certificate) -> Result<KeptCertificate, OrderError> {
    let (begins_at, ends_at) = acme::validity(certificate.chain.as_bytes())?;
    // Its life is what the authority says it is, whatever our clock says.
    let (begins_at, ends_at) = (Timestamp::from(begins_at), Timestamp::from(ends_at));
    Ok(KeptCertificate {
        chain: certificate.chain,
        private_key: certificate.key,
        issued_at: app.now(),
        renew_at: renew_at(begins_at, ends_at, &app.random),
        ends_at,
    })
}

/// The account that we have there, or a new one.
async fn account(app: &App, authority: &Authority) -> Result<Account, RenewError> {
    if let Some(kept) = store::account(&app.db, &authority.directory).await? {
        return Ok(authority.account(&Credentials(kept)).await?);
    }
    new_account(app, authority).await
}

/// Makes one, in the place of the one before.
async fn new_account(app: &App, authority: &Authority) -> Result<Account, RenewError> {
    let (account, Credentials(credentials)) = authority.new_account().await?;
    let mut tx = app.db.begin().await?;
    store::keep_account(&mut tx, &authority.directory, &credentials, app.now()).await?;
    tx.commit().await?;
    Ok(account)
}

fn authority(app: &App) -> Result<Authority, RenewError> {
    let config = &app.config.acme;
    let trust = match &config.root_file {
        None => Trust::System,
        Some(file) => {
            let roots: Result<Vec<_>, _> =
                CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
            // What the reader of PEM says quotes the file, which may be a key by mistake.
            let roots = roots.map_err(|_| RenewError::Root)?;
            Trust::Authorities(roots)
        }
    };
    let client = direct(&trust)
        .map_err(|error| error.to_string())
        .and_then(|client| {
            let client = client.timeout(ANSWER).build();
            client.map_err(|error| error.to_string())
        })
        .map_err(RenewError::Client)?;
    let binding = match (&config.eab_key_id, &config.eab_key) {
        (Some(key_id), Some(key)) => Some(Binding {
            key_id: key_id.clone(),
            key: URL_SAFE_NO_PAD
                .decode(key.expose_secret().trim_end_matches('='))
                .map_err(|_| RenewError::Binding)?,
        }),
        _ => None,
    };
    Ok(Authority {
        directory: config.directory.to_string(),
        contacts: config
            .contacts
            .iter()
            .map(|mail| format!("mailto:{mail}"))
            .collect(),
        binding,
        http: client,
    })
}
