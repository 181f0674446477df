//! The certificate of TURN over TLS, read again when its files change. Until they can be read, TLS fails and nothing else does.

use std::{io, sync::Arc, time::Duration};

use parking_lot::RwLock;
use rustls::{
    ServerConfig,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio_util::sync::CancellationToken;

use super::Tls;
use crate::config::CertificateFiles;

const LOOK_EVERY: Duration = Duration::from_secs(10);

/// The certificate of now.
#[derive(Debug, Default)]
struct Current(RwLock<Option<Arc<CertifiedKey>>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.read().clone()
    }
}

/// Serves with what is in the files, now and whenever they change.
///
/// No ALPN is offered: clients that ask for some protocol of the web take that for a refusal otherwise.
pub(super) fn follow(files: CertificateFiles, shutdown: CancellationToken) -> Tls {
    let current = Arc::<Current>::default();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_cert_resolver(current.clone());
    let mut seen = Seen::default();
    look(&files, &current, &mut seen);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            look(&files, &current, &mut seen);
        }
    });
    Arc::new(config)
}

type Content = (Vec<u8>, Vec<u8>);

/// A pair that does not fit, as while it is replaced, is tried again: the certificate in use stays.
fn look(files: &CertificateFiles, current: &Current, seen: &mut Seen) {
    let content = match read(files) {
        Ok(content) if Some(&content) == seen.content.as_ref() => return,
        Ok(content) => content,
        Err(problem) => return seen.say(problem),
    };
    match certified(&content) {
        Ok(key) => {
            let again = current.0.write().replace(Arc::new(key)).is_some();
            if again {
                tracing::info!(file = %files.certificate.display(), "certificate of TURN read again");
            }
            *seen = Seen {
                content: Some(content),
                problem: None,
            };
        }
        Err(problem) => seen.say(problem),
    }
}

/// What was seen last.
#[derive(Default)]
struct Seen {
    /// What is served.
    content: Option<Content>,
    problem: Option<String>,
}

impl Seen {
    /// Says a problem once, however long it lasts.
    fn say(&mut self, problem: String) {
        if self.problem.as_ref() != Some(&problem) {
            tracing::error!(
                problem,
                "TURN over TLS: turn.cert_file and turn.key_file cannot be used"
            );
            self.problem = Some(problem);
        }
    }
}

fn read(files: &CertificateFiles) -> Result<Content, String> {
    let read = |path: &std::path::Path| {
        std::fs::read(path).map_err(|error: io::Error| format!("{}: {error}", path.display()))
    };
    Ok((read(&files.certificate)?, read(&files.key)?))
}

fn certified((certificate, key): &Content) -> Result<CertifiedKey, String> {
    let chain = CertificateDer::pem_slice_iter(certificate)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| "the certificate is not PEM")?;
    if chain.is_empty() {
        return Err("there is no certificate in the file".to_owned());
    }
    // What the reader of PEM says quotes the file, and with it the key.
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| "there is no private key in PEM")?;
    let provider = rustls::crypto::CryptoProvider::get_default()
        .ok_or("no cryptography has been chosen for this process")?;
    CertifiedKey::from_der(chain, key, provider).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn write(files: &CertificateFiles, name: &str) {
        let signed = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        std::fs::write(&files.certificate, signed.cert.pem()).unwrap();
        std::fs::write(&files.key, signed.signing_key.serialize_pem()).unwrap();
    }

    fn served(current: &Current) -> Vec<u8> {
        current.0.read().as_ref().unwrap().cert[0].to_vec()
    }

    #[test]
    fn a_certificate_is_served_until_there_is_a_better_one() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| Path::new(folder.path()).join(name);
        let files = CertificateFiles {
            certificate: at("cert.pem"),
            key: at("key.pem"),
        };
        let (current, mut seen) = (Current::default(), Seen::default());
        look(&files, &current, &mut seen);
        assert!(current.0.read().is_none(), "there is none yet");
        write(&files, "one.example");
        look(&files, &current, &mut seen);
        let lost_its_lines = "-----BEGIN my-secret-word-----";
        std::fs::write(&files.key, lost_its_lines).unwrap();
        look(&files, &current, &mut seen);
        let problem = seen.problem.clone().unwrap();
        assert_eq!(problem, "there is no private key in PEM");
        write(&files, "one.example");
        look(&files, &current, &mut seen);
        assert_eq!(seen.problem, None);
        let first = served(&current);
        let key = std::fs::read(&files.key).unwrap();
        write(&files, "two.example");
        let new_key = std::fs::read(&files.key).unwrap();
        std::fs::write(&files.key, key).unwrap();
        look(&files, &current, &mut seen);
        assert_eq!(served(&current), first, "half of a pair is none");
        std::fs::write(&files.key, new_key).unwrap();
        look(&files, &current, &mut seen);
        assert_ne!(served(&current), first);
        let second = served(&current);
        std::fs::write(&files.certificate, "").unwrap();
        look(&files, &current, &mut seen);
        std::fs::remove_file(&files.certificate).unwrap();
        look(&files, &current, &mut seen);
        assert_eq!(served(&current), second);
    }
}
