//! Which certificate a TLS connection is shown: the site's, one that stands in until there is one, or a proof's.

use std::{collections::HashMap, fmt, sync::Arc};

use parking_lot::RwLock;
use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use crate::proof::server_name;

/// What an authority that asks for a proof offers as its protocol.
pub const ACME_TLS: &[u8] = b"acme-tls/1";

/// The certificates of the moment.
pub struct Resolver {
    stand_in: Arc<CertifiedKey>,
    current: RwLock<Option<Arc<CertifiedKey>>>,
    proofs: RwLock<HashMap<String, Arc<CertifiedKey>>>,
}

impl Resolver {
    /// Shows `stand_in` until there is a real one: a browser warns, and a person who knows may go on.
    pub fn new(stand_in: Arc<CertifiedKey>) -> Self {
        Self {
            stand_in,
            current: RwLock::default(),
            proofs: RwLock::default(),
        }
    }

    /// The next connections are shown this.
    pub fn use_certificate(&self, certificate: Arc<CertifiedKey>) {
        *self.current.write() = Some(certificate);
    }

    /// What handshakes of an authority are shown, by the name that it asks for; those of before are forgotten.
    pub fn show_proofs(&self, proofs: impl IntoIterator<Item = (String, Arc<CertifiedKey>)>) {
        let proofs = proofs.into_iter();
        *self.proofs.write() = proofs
            .map(|(name, proof)| (server_name(&name), proof))
            .collect();
    }

    fn choose(&self, asks_for_proof: bool, name: Option<&str>) -> Option<Arc<CertifiedKey>> {
        if asks_for_proof {
            let name = name?.to_ascii_lowercase();
            return self.proofs.read().get(&name).cloned();
        }
        let current = self.current.read().clone();
        Some(current.unwrap_or_else(|| self.stand_in.clone()))
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let asks_for_proof = hello
            .alpn()
            .is_some_and(|mut protocols| protocols.any(|protocol| protocol == ACME_TLS));
        self.choose(asks_for_proof, hello.server_name())
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::proof_certificate;

    #[test]
    fn an_authority_is_shown_the_proof_it_asks_for_and_everybody_else_the_sites_own() {
        let make = |name: &str| proof_certificate(name, &[7; 32]).unwrap();
        let (stand_in, current, proof) = (make("stand-in"), make("current"), make("192.0.2.7"));
        let resolver = Resolver::new(stand_in.clone());
        let is = |found: Option<Arc<CertifiedKey>>, wanted: &Arc<CertifiedKey>| {
            Arc::ptr_eq(&found.unwrap(), wanted)
        };
        assert!(is(resolver.choose(false, None), &stand_in));
        resolver.use_certificate(current.clone());
        assert!(is(resolver.choose(false, Some("meet.example")), &current));
        assert!(resolver.choose(true, Some("meet.example")).is_none());
        resolver.show_proofs([("192.0.2.7".to_owned(), proof.clone())]);
        assert!(is(
            resolver.choose(true, Some("7.2.0.192.in-addr.arpa")),
            &proof
        ));
        assert!(resolver.choose(true, None).is_none());
        resolver.show_proofs([]);
        assert!(
            resolver
                .choose(true, Some("7.2.0.192.in-addr.arpa"))
                .is_none()
        );
    }
}
