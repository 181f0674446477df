//! All SQL about certificates from an authority.

use super::model::{FailedOrders, KeptCertificate, Wanted};
use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
};

/// The certificate for these names.
pub async fn kept(
    db: impl Into<Executor<'_>>,
    wanted: &Wanted,
) -> Result<Option<KeptCertificate>, DbError> {
    sql!(db => optional KeptCertificate,
        "SELECT chain, private_key, issued_at, renew_at, ends_at FROM acme_certificates
         WHERE directory = $1 AND names = $2",
        &wanted.directory, wanted.key())
}

/// Keeps a certificate in the place of the one before; failed orders are forgotten.
pub async fn keep(tx: &mut Tx, wanted: &Wanted, new: &KeptCertificate) -> Result<(), DbError> {
    let (directory, names) = (&wanted.directory, wanted.key());
    sql!(&mut *tx => execute,
        "INSERT INTO acme_certificates (directory, names, chain, private_key, issued_at, renew_at, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (directory, names) DO UPDATE
             SET chain = $3, private_key = $4, issued_at = $5, renew_at = $6, ends_at = $7",
        directory, &names, &new.chain, &new.private_key, new.issued_at, new.renew_at, new.ends_at)?;
    sql!(tx => execute,
        "DELETE FROM acme_failed_orders WHERE directory = $1 AND names = $2", directory, names)?;
    Ok(())
}

/// The credentials of the account there.
pub async fn account(
    db: impl Into<Executor<'_>>,
    directory: &str,
) -> Result<Option<String>, DbError> {
    sql!(db => optional_scalar String,
        "SELECT credentials FROM acme_accounts WHERE directory = $1", directory)
}

pub async fn keep_account(
    tx: &mut Tx,
    directory: &str,
    credentials: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO acme_accounts (directory, credentials, made_at) VALUES ($1, $2, $3)
         ON CONFLICT (directory) DO UPDATE SET credentials = $2, made_at = $3",
        directory, credentials, now)?;
    Ok(())
}

/// Orders for these names that failed since the last that succeeded.
pub async fn failed(
    db: impl Into<Executor<'_>>,
    wanted: &Wanted,
) -> Result<Option<FailedOrders>, DbError> {
    sql!(db => optional FailedOrders,
        "SELECT failures, failed_at, detail, is_rate_limit FROM acme_failed_orders
         WHERE directory = $1 AND names = $2",
        &wanted.directory, wanted.key())
}

pub async fn note_failure(
    tx: &mut Tx,
    wanted: &Wanted,
    failed: &FailedOrders,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO acme_failed_orders (directory, names, failures, failed_at, detail, is_rate_limit)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (directory, names) DO UPDATE
             SET failures = $3, failed_at = $4, detail = $5, is_rate_limit = $6",
        &wanted.directory, wanted.key(), failed.failures, failed.failed_at, &failed.detail,
        failed.is_rate_limit)?;
    Ok(())
}

/// Shows a proof until then.
pub async fn show_proof(
    tx: &mut Tx,
    proof: &acme::Proof,
    digest: &str,
    until: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO acme_proofs (token, name, key_authorization, digest, shown_until)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (token) DO UPDATE
             SET name = $2, key_authorization = $3, digest = $4, shown_until = $5",
        &proof.token, &proof.name, &proof.key_authorization, digest, until)?;
    Ok(())
}

/// What the authority wants to hear of this token.
pub async fn answer(
    db: impl Into<Executor<'_>>,
    token: &str,
    now: Timestamp,
) -> Result<Option<String>, DbError> {
    sql!(db => optional_scalar String,
        "SELECT key_authorization FROM acme_proofs WHERE token = $1 AND shown_until > $2",
        token, now)
}

/// Names with the digests that handshakes are shown.
pub async fn shown(
    db: impl Into<Executor<'_>>,
    now: Timestamp,
) -> Result<Vec<(String, String)>, DbError> {
    sql!(db => all (String, String),
        "SELECT name, digest FROM acme_proofs WHERE shown_until > $1 ORDER BY name LIMIT 100", now)
}

pub async fn forget_proofs(tx: &mut Tx) -> Result<(), DbError> {
    sql!(tx => execute, "DELETE FROM acme_proofs")?;
    Ok(())
}
