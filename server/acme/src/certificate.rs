//! A chain with its key, as authorities and files give it.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use rustls::{crypto::ring, sign::CertifiedKey};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject};
use webpki::{EndEntityCert, KeyUsage};
use x509_parser::parse_x509_certificate;

/// Why a chain and a key are of no use.
#[derive(Debug, thiserror::Error)]
pub enum InvalidCertificate {
    /// There is no certificate in it.
    #[error("there is no certificate in PEM")]
    NoCertificate,
    /// What is in it is none.
    #[error("the certificate cannot be read")]
    Unreadable,
    /// There is no key.
    #[error("there is no private key in PEM")]
    NoKey,
    /// They do not belong together, or TLS cannot use them.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// None could be made.
    #[error("a certificate cannot be made: {0}")]
    Make(#[from] rcgen::Error),
}

/// A chain with its key.
#[derive(Clone)]
pub struct Certificate {
    /// In PEM, the site's own first.
    pub chain: String,
    /// In PEM.
    pub key: String,
}

impl Certificate {
    /// As TLS uses it; refuses a key of another certificate.
    pub fn certified(&self) -> Result<Arc<CertifiedKey>, InvalidCertificate> {
        let chain = certificates(self.chain.as_bytes())?;
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes())
            .map_err(|_| InvalidCertificate::NoKey)?;
        let certified = CertifiedKey::from_der(chain, key, &ring::default_provider())?;
        Ok(Arc::new(certified))
    }

    /// Whether browsers believe it for all these names without being told to: by Mozilla's authorities.
    pub fn is_trusted(&self, names: &[String], now: SystemTime) -> bool {
        let Ok(chain) = certificates(self.chain.as_bytes()) else {
            return false;
        };
        let Some((first, others)) = chain.split_first() else {
            return false;
        };
        let Ok(since_epoch) = now.duration_since(SystemTime::UNIX_EPOCH) else {
            return false;
        };
        let Ok(first) = EndEntityCert::try_from(first) else {
            return false;
        };
        let verified = first.verify_for_usage(
            ring::default_provider()
                .signature_verification_algorithms
                .all,
            webpki_roots::TLS_SERVER_ROOTS,
            others,
            UnixTime::since_unix_epoch(since_epoch),
            KeyUsage::server_auth(),
            None,
            None,
        );
        let covers = |name: &String| {
            ServerName::try_from(name.as_str())
                .is_ok_and(|name| first.verify_is_valid_for_subject_name(&name).is_ok())
        };
        verified.is_ok() && names.iter().all(covers)
    }
}

/// From when until when the first certificate of a chain in PEM is good.
pub fn validity(chain: &[u8]) -> Result<(SystemTime, SystemTime), InvalidCertificate> {
    let chain = certificates(chain)?;
    validity_of(chain.first().ok_or(InvalidCertificate::NoCertificate)?)
}

/// From when until when a certificate is good.
pub fn validity_of(
    certificate: &CertificateDer<'_>,
) -> Result<(SystemTime, SystemTime), InvalidCertificate> {
    let (_, first) =
        parse_x509_certificate(certificate).map_err(|_| InvalidCertificate::Unreadable)?;
    let validity = first.validity();
    Ok((
        moment(validity.not_before.timestamp()),
        moment(validity.not_after.timestamp()),
    ))
}

fn certificates(chain: &[u8]) -> Result<Vec<CertificateDer<'static>>, InvalidCertificate> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<_, _>>()
        .map_err(|_| InvalidCertificate::Unreadable)?;
    if chain.is_empty() {
        return Err(InvalidCertificate::NoCertificate);
    }
    Ok(chain)
}

fn moment(seconds: i64) -> SystemTime {
    let seconds = u64::try_from(seconds).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}
