//! How we prove that a name is ours: by an answer of its web server, or in a TLS handshake.

use std::{future::Future, net::IpAddr, sync::Arc};

use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::{crypto::ring, sign::CertifiedKey};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::certificate::InvalidCertificate;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// HTTP-01: port 80 answers `/.well-known/acme-challenge/{token}` with the key authorization.
    Http,
    /// TLS-ALPN-01: port 443 shows a certificate made for it.
    Tls,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Which way.
    pub way: Way,
    /// The name: of a host, or an address.
    pub name: String,
    /// What the authority asks for.
    pub token: String,
    /// What it wants to hear.
    pub key_authorization: String,
    /// SHA-256 of that.
    pub digest: Vec<u8>,
}

/// Whoever answers the authority's questions.
pub trait Proofs: Sync {
    /// Why it cannot.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Answers from when this returns on, wherever the authority may ask.
    fn show(&self, proof: &Proof) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// The certificate that a handshake of the authority's is shown (RFC 8737, 3).
pub fn proof_certificate(
    name: &str,
    digest: &[u8],
) -> Result<Arc<CertifiedKey>, InvalidCertificate> {
    let mut params = CertificateParams::new(vec![name.to_owned()])?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let key = ring::sign::any_supported_type(&key)?;
    Ok(Arc::new(CertifiedKey::new(
        vec![certificate.der().clone()],
        key,
    )))
}

/// What the authority calls this name in a handshake: an address as reverse DNS does (RFC 8738, 6).
pub(crate) fn server_name(name: &str) -> String {
    match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        Ok(IpAddr::V6(address)) => {
            let octets = address.octets();
            let digits = octets.map(|octet| format!("{octet:02x}")).concat();
            let digits = digits.chars().rev();
            let name: String = digits.flat_map(|digit| [digit, '.']).collect();
            format!("{name}ip6.arpa")
        }
        Err(_) => name.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_asked_for_by_its_reverse_name() {
        assert_eq!(server_name("Meet.Example.org"), "meet.example.org");
        assert_eq!(server_name("192.0.2.7"), "7.2.0.192.in-addr.arpa");
        let reverse = server_name("2001:db8::7");
        assert!(reverse.starts_with("7.0.0.0.0.0."), "{reverse}");
        assert!(reverse.ends_with(".8.b.d.0.1.0.0.2.ip6.arpa"), "{reverse}");
    }
}
