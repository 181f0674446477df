//! The site's TLS certificate: made and kept in the data folder, or read from files and re-read when they change.

use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::Write,
    net::IpAddr,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use acme::{ACME_TLS, Certificate, Resolver};
use anyhow::Context;
use axum_server::tls_rustls::RustlsConfig;
use convoke_platform::config::{Server, Tls};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

use crate::clock::wall_clock;

/// Browsers refuse certificates that live much longer than a year.
const LIFETIME: Duration = Duration::from_hours(24 * 365);
/// A self-signed certificate is made anew so long before it ends.
const RENEW_BEFORE: Duration = Duration::from_hours(24 * 30);
const LOOK_FOR_CHANGES_EVERY: Duration = Duration::from_secs(10);

/// Reads the certificate in the data folder, or makes one for every name and address of this machine.
pub async fn self_signed(server: &Server) -> anyhow::Result<RustlsConfig> {
    let kept = self_signed_files(server)?;
    load(&kept.certificate(), &kept.key()).await
}

fn self_signed_files(server: &Server) -> anyhow::Result<Kept> {
    let folder = server.data_dir.join("tls");
    let names = own_names(server);
    let kept = Kept { folder };
    if !kept.good_for(&names, wall_clock()) {
        kept.make(&names)?;
    }
    Ok(kept)
}

/// Shows what an authority signs; until then, what [`self_signed`] shows.
pub async fn from_authority(
    server: &Server,
) -> anyhow::Result<(Arc<Resolver>, Arc<rustls::ServerConfig>)> {
    let kept = self_signed_files(server)?;
    let (chain, key) = tokio::try_join!(
        tokio::fs::read_to_string(kept.certificate()),
        tokio::fs::read_to_string(kept.key())
    )?;
    let stand_in = Certificate { chain, key }.certified()?;
    let resolver = Arc::new(Resolver::new(stand_in));
    let mut config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_cert_resolver(resolver.clone());
    config.alpn_protocols = vec![b"h2".into(), b"http/1.1".into(), ACME_TLS.into()];
    Ok((resolver, Arc::new(config)))
}

/// Reads `server.cert_file` and `server.key_file`, and goes on reading them whenever they change.
pub async fn from_files(server: &Server) -> anyhow::Result<RustlsConfig> {
    let unset = "the configuration checks it for server.tls: files";
    let (certificate, key) = (
        server.cert_file.clone().context(unset)?,
        server.key_file.clone().context(unset)?,
    );
    let files = Files { certificate, key };
    // Before it is used: what comes in between is then a change.
    let seen = files.content().await;
    let config = load(&files.certificate, &files.key).await?;
    tokio::spawn(follow(config.clone(), files, seen, LOOK_FOR_CHANGES_EVERY));
    Ok(config)
}

/// Until when the certificate that is on the disk now is good; `None` where the site has none.
pub fn ends_at(server: &Server) -> Option<SystemTime> {
    let path = match server.tls {
        // The platform knows of an authority's.
        Tls::Off | Tls::Acme => return None,
        Tls::SelfSigned => Kept {
            folder: server.data_dir.join("tls"),
        }
        .certificate(),
        Tls::Files => server.cert_file.clone()?,
    };
    ends_at_of(&fs::read(path).ok()?)
}

/// Of the first certificate of a chain.
fn ends_at_of(pem: &[u8]) -> Option<SystemTime> {
    let (_, ends_at) = acme::validity(pem).ok()?;
    Some(ends_at)
}

struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

type Content = (Option<Vec<u8>>, Option<Vec<u8>>);

impl Files {
    /// What is in them: a tool that copies may keep every date, size and inode.
    async fn content(&self) -> Content {
        (
            tokio::fs::read(&self.certificate).await.ok(),
            tokio::fs::read(&self.key).await.ok(),
        )
    }
}

async fn load(certificate: &Path, key: &Path) -> anyhow::Result<RustlsConfig> {
    RustlsConfig::from_pem_file(certificate, key)
        .await
        .with_context(|| {
            format!(
                "cannot use the certificate {} with the key {}",
                certificate.display(),
                key.display()
            )
        })
}

async fn follow(config: RustlsConfig, files: Files, mut seen: Content, every: Duration) {
    let Files { certificate, key } = &files;
    let mut ticks = tokio::time::interval(every);
    loop {
        ticks.tick().await;
        let now = files.content().await;
        if now == seen {
            continue;
        }
        // A half-replaced pair fails here and is tried again: the certificate in use stays.
        match config.reload_from_pem_file(certificate, key).await {
            Ok(()) => {
                seen = now;
                tracing::info!(file = %certificate.display(), "certificate read again");
            }
            Err(error) => {
                tracing::warn!(file = %certificate.display(), %error, "cannot read the changed certificate");
            }
        }
    }
}

/// Every name under which a browser on this machine or the LAN may call us.
fn own_names(server: &Server) -> BTreeSet<String> {
    let mut names = BTreeSet::from(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
    names.extend(
        server
            .public_url
            .as_ref()
            .and_then(|url| url.host_str())
            .map(str::to_owned),
    );
    let addresses = if_addrs::get_if_addrs().unwrap_or_default();
    names.extend(
        addresses
            .iter()
            .map(if_addrs::Interface::ip)
            .filter(shared)
            .map(|ip| ip.to_string()),
    );
    names
}

/// Link-local IPv6 addresses need a zone, which no URL in a browser carries.
fn shared(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(_) => true,
        IpAddr::V6(ip) => !ip.is_unicast_link_local(),
    }
}

struct Kept {
    folder: PathBuf,
}

impl Kept {
    fn certificate(&self) -> PathBuf {
        self.folder.join("certificate.pem")
    }

    fn key(&self) -> PathBuf {
        self.folder.join("key.pem")
    }

    /// Names it was made for, one per line: cheaper to compare than a parsed certificate.
    fn names(&self) -> PathBuf {
        self.folder.join("names.txt")
    }

    fn good_for(&self, names: &BTreeSet<String>, now: SystemTime) -> bool {
        let covered = fs::read_to_string(self.names()).unwrap_or_default();
        let covered: BTreeSet<&str> = covered.lines().collect();
        let young = fs::metadata(self.certificate())
            .and_then(|meta| meta.modified())
            .ok()
            .map(|made| now.duration_since(made).unwrap_or_default())
            .is_some_and(|age| age + RENEW_BEFORE < LIFETIME);
        young && self.key().exists() && names.iter().all(|name| covered.contains(name.as_str()))
    }

    fn make(&self, names: &BTreeSet<String>) -> anyhow::Result<()> {
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot create {}", self.folder.display()))?;
        let mut params = CertificateParams::new(names.iter().cloned().collect::<Vec<_>>())?;
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, "Convoke (self-signed)");
        let now = wall_clock();
        params.not_before = (now - Duration::from_hours(1)).into();
        params.not_after = (now + LIFETIME).into();
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        write_private(&self.key(), &key.serialize_pem())?;
        write_private(&self.certificate(), &certificate.pem())?;
        let lines: Vec<&str> = names.iter().map(String::as_str).collect();
        write_private(&self.names(), &lines.join("\n"))?;
        tracing::info!(folder = %self.folder.display(), "self-signed certificate made");
        Ok(())
    }
}

/// Replaces `path` atomically; readable by the owner only from its first byte on.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let fresh = path.with_extension("new");
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&fresh)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn names(list: &[&str]) -> BTreeSet<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_kept_certificate_serves_the_names_it_was_made_for_until_it_grows_old() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept {
            folder: folder.path().join("tls"),
        };
        let now = SystemTime::now();
        assert!(!kept.good_for(&names(&["localhost"]), now));
        kept.make(&names(&["localhost", "127.0.0.1"])).unwrap();
        assert!(kept.good_for(&names(&["localhost"]), now));
        assert!(!kept.good_for(&names(&["localhost", "192.0.2.7"]), now));
        assert!(!kept.good_for(&names(&["localhost"]), now + LIFETIME));
        let ends_at = ends_at_of(&fs::read(kept.certificate()).unwrap()).unwrap();
        let life = ends_at.duration_since(now).unwrap();
        assert!(
            life + Duration::from_mins(1) > LIFETIME && life < LIFETIME + Duration::from_mins(1)
        );
        assert_eq!(ends_at_of(b"no certificate"), None);
    }

    #[tokio::test]
    async fn a_certificate_replaced_under_its_old_date_is_noticed() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept {
            folder: folder.path().to_owned(),
        };
        kept.make(&names(&["localhost"])).unwrap();
        let config = load(&kept.certificate(), &kept.key()).await.unwrap();
        let before = config.get_inner();
        let dates = [kept.certificate(), kept.key()]
            .map(|path| fs::metadata(path).unwrap().modified().unwrap());
        let files = Files {
            certificate: kept.certificate(),
            key: kept.key(),
        };
        let seen = files.content().await;
        let tick = Duration::from_millis(5);
        let following = tokio::spawn(follow(config.clone(), files, seen, tick));
        kept.make(&names(&["localhost"])).unwrap();
        for (path, date) in [kept.certificate(), kept.key()].iter().zip(dates) {
            let file = OpenOptions::new().write(true).open(path).unwrap();
            file.set_modified(date).unwrap();
        }
        let noticed = async {
            while std::sync::Arc::ptr_eq(&before, &config.get_inner()) {
                tokio::time::sleep(tick).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), noticed)
            .await
            .expect("the new certificate is not used");
        following.abort();
    }

    #[test]
    fn the_private_key_is_readable_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept {
            folder: folder.path().to_owned(),
        };
        kept.make(&names(&["localhost"])).unwrap();
        assert_eq!(
            fs::metadata(kept.key()).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
