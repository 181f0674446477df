//! Looks at the certificates that browsers are shown: at the public address, or in the files where nobody shows them yet.

use std::{sync::Arc, time::SystemTime};

use convoke_platform::{Config, config::Tls};
use doctor::facts::{Certificate, CertificateFault};
use http_edge::outbound::Trust;
use rustls::{
    CertificateError, Error, RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use tokio::{net::TcpStream, time::timeout};
use url::Url;

use super::{PATIENCE, reachable};
use crate::{clock::wall_clock, compose};

/// Each certificate that this configuration lets browsers see.
pub async fn seen(config: &Config) -> Vec<Certificate> {
    let mut found = Vec::new();
    found.extend(of_site(config).await);
    let turn = &config.livekit.turn;
    if let (Some(file), Some(key_file)) = (&turn.cert_file, &turn.key_file) {
        let host = turn.domain.clone().or_else(|| {
            let url = config.server.public_url.as_ref()?;
            url.host_str().map(str::to_owned)
        });
        let host = host.unwrap_or_default();
        found.push(Certificate {
            seen: in_files(file, key_file, &host),
            at: file.display().to_string(),
            host,
            key: "livekit.turn.cert_file",
            renewed: false,
        });
    }
    found
}

async fn of_site(config: &Config) -> Option<Certificate> {
    let server = &config.server;
    let url = server.public_url.as_ref();
    let url = url.filter(|url| url.scheme() == "https");
    let (key, renewed) = match server.tls {
        Tls::Off => ("server.public_url", false),
        // Its own sentence is in the configuration's check.
        Tls::SelfSigned => return None,
        Tls::Files => ("server.cert_file", false),
        Tls::Acme => ("acme", true),
    };
    let Some(url) = url else {
        // For this machine alone: the files are all that can be judged.
        let files = server.cert_file.as_ref().zip(server.key_file.as_ref());
        let (file, key_file) = files.filter(|_| server.tls == Tls::Files)?;
        return Some(Certificate {
            seen: in_files(file, key_file, "localhost"),
            at: file.display().to_string(),
            host: "localhost".to_owned(),
            key,
            renewed,
        });
    };
    let (host, port) = (url.host_str()?, url.port_or_known_default()?);
    let bare = host.trim_matches(['[', ']']);
    let mut shown = at(bare, (bare, port)).await;
    if let Err(CertificateFault::NoTls(_)) = &shown
        && server.tls != Tls::Off
    {
        // No way back in from inside, or not started: what the site itself shows, or would.
        let own = reachable(server.listen_address());
        let inside = at(bare, (&own.ip().to_string(), own.port())).await;
        let files = server.cert_file.as_ref().zip(server.key_file.as_ref());
        shown = match (inside, files) {
            (Err(CertificateFault::NoTls(_)), Some((file, key))) => in_files(file, key, bare),
            (Err(CertificateFault::NoTls(_)), None) => return None,
            (inside, _) => inside,
        };
    }
    Some(Certificate {
        at: format!("{host}:{port}"),
        host: bare.to_owned(),
        key,
        seen: shown,
        renewed,
    })
}

/// What `server` shows to those who ask for `name`.
async fn at(name: &str, server: (&str, u16)) -> Result<SystemTime, CertificateFault> {
    let no_tls = |error: &dyn ToString| CertificateFault::NoTls(error.to_string());
    let config = Trust::Everybody.client_config().map_err(|e| no_tls(&e))?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let server_name = ServerName::try_from(name.to_owned()).map_err(|e| no_tls(&e))?;
    let connected = timeout(PATIENCE, async {
        let stream = TcpStream::connect(server).await?;
        connector.connect(server_name, stream).await
    });
    let stream = connected
        .await
        .map_err(|_| no_tls(&"no answer"))?
        .map_err(|e| no_tls(&e))?;
    let (_, session) = stream.get_ref();
    let chain = session.peer_certificates().unwrap_or_default();
    judge(chain, name)
}

/// A chain and its key, as they are on the disk.
fn in_files(
    file: &std::path::Path,
    key_file: &std::path::Path,
    name: &str,
) -> Result<SystemTime, CertificateFault> {
    let unusable = |error: &dyn ToString| CertificateFault::Unusable(error.to_string());
    let chain = std::fs::read_to_string(file).map_err(|e| unusable(&e))?;
    let key = std::fs::read_to_string(key_file).map_err(|e| unusable(&e))?;
    let pair = acme::Certificate { chain, key };
    pair.certified().map_err(|e| unusable(&e))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pair.chain.as_bytes()).collect();
    judge(&chain.map_err(|e| unusable(&e))?, name)
}

/// As a browser judges it: by Mozilla's authorities, and by those of this system, which may have one of its own.
fn judge(chain: &[CertificateDer<'_>], name: &str) -> Result<SystemTime, CertificateFault> {
    let unusable = |error: &dyn ToString| CertificateFault::Unusable(error.to_string());
    let Some((first, others)) = chain.split_first() else {
        return Err(CertificateFault::Unusable("it is empty".to_owned()));
    };
    let (begins, ends) = acme::validity_of(first).map_err(|e| unusable(&e))?;
    let now = wall_clock();
    if now >= ends {
        return Err(CertificateFault::Expired(ends));
    }
    if now < begins {
        return Err(CertificateFault::NotYet(begins));
    }
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    let verifier = verifier.build().map_err(|e| unusable(&e))?;
    let server_name = ServerName::try_from(name).map_err(|e| unusable(&e))?;
    let since = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let now = UnixTime::since_unix_epoch(since);
    match verifier.verify_server_cert(first, others, &server_name, &[], now) {
        Ok(_) => Ok(ends),
        Err(Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        )) => Err(CertificateFault::OtherName),
        Err(_) => Err(CertificateFault::Untrusted),
    }
}

/// What TURN over TLS gets at the port that clients are told; `None`: there is none at the public address.
pub async fn turn(config: &Config) -> Option<Result<(), String>> {
    let (port, _) = compose::told_turn(config)?;
    let turn = config.livekit.turn.domain.as_deref();
    let public = config.server.public_url.as_ref().and_then(Url::host_str);
    let host = turn.or(public)?;
    Some(super::stun::over_tls((host, port), host, PATIENCE).await)
}
