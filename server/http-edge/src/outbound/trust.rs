//! How servers prove who they are. The system's authorities are read once, when the first client is made.

use std::sync::{Arc, LazyLock};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore,
    SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};

/// Whose certificates are believed.
#[derive(Debug, Clone, Default)]
pub enum Trust {
    /// The system's authorities (`SSL_CERT_FILE` and `SSL_CERT_DIR` name others); Mozilla's where it has none.
    #[default]
    System,
    /// These authorities only.
    Authorities(Vec<CertificateDer<'static>>),
    /// Anybody's: a lab.
    Everybody,
}

/// What the system trusts belongs to the process, as its environment does: reading a few hundred files for every
/// client would tell no news.
static SYSTEM: LazyLock<Result<Arc<AcceptTrusted>, Error>> = LazyLock::new(|| {
    let authorities = system_authorities();
    let mut roots = roots(&authorities);
    if roots.is_empty() {
        tracing::info!("the system has no certificate authorities: Mozilla's are used");
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    AcceptTrusted::new(authorities, roots, provider()).map(Arc::new)
});

impl Trust {
    /// The system's authorities, unless an operator asked not to check.
    pub fn system_unless(unchecked: bool) -> Self {
        if unchecked {
            Self::Everybody
        } else {
            Self::System
        }
    }

    /// Settings for HTTP/1.1 over TLS. The session cache in them is shared by all clones.
    pub fn client_config(&self) -> Result<ClientConfig, Error> {
        let verifier: Arc<dyn ServerCertVerifier> = match self {
            Self::System => SYSTEM.clone()?,
            Self::Authorities(authorities) => Arc::new(AcceptTrusted::new(
                authorities.clone(),
                roots(authorities),
                provider(),
            )?),
            Self::Everybody => Arc::new(AcceptEverybody(provider())),
        };
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(config)
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Empty where the system has none that can be read.
fn system_authorities() -> Vec<CertificateDer<'static>> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "a certificate authority of the system cannot be read");
    }
    found.certs
}

/// Checks certificates as everybody does, and takes one more kind: a certificate that is itself among the trusted ones.
/// `openssl req -x509` marks what it makes as an authority, which strict checks never take for a server's own; whoever
/// lists that very certificate as trusted means the server that has it.
#[derive(Debug)]
struct AcceptTrusted {
    usual: Arc<WebPkiServerVerifier>,
    trusted: Vec<CertificateDer<'static>>,
}

impl AcceptTrusted {
    fn new(
        trusted: Vec<CertificateDer<'static>>,
        roots: RootCertStore,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| Error::General(error.to_string()))?;
        Ok(Self { usual, trusted })
    }
}

fn roots(authorities: &[CertificateDer<'static>]) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(authorities.iter().cloned());
    roots
}

/// What is wrong with a certificate, in words for the log.
pub(super) fn explain(problem: &CertificateError) -> String {
    if is_an_authority(problem) {
        "it is marked as an authority's own (CA:TRUE) and is not itself among those trusted here"
            .to_owned()
    } else {
        problem.to_string()
    }
}

/// The only thing wrong with it: its validity was checked before.
fn is_an_authority(problem: &CertificateError) -> bool {
    let CertificateError::Other(OtherError(inner)) = problem else {
        return false;
    };
    matches!(
        inner.downcast_ref::<webpki::Error>(),
        Some(webpki::Error::CaUsedAsEndEntity)
    )
}

impl ServerCertVerifier for AcceptTrusted {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.usual.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verified {
            Err(Error::InvalidCertificate(problem))
                if is_an_authority(&problem) && self.trusted.contains(end_entity) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

/// Checks that the other side has the key of its certificate, and nothing about the certificate.
#[derive(Debug)]
struct AcceptEverybody(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptEverybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
