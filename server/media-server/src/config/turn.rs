//! `turn`: the TURN server in here. Its names are LiveKit's; without ports of relays, as it needs none.

use std::{net::IpAddr, path::PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{ConfigError, Warning, address};

/// Where TURN over TLS is told to be when somebody else ends TLS, as in the original, unless a key of ours says otherwise.
const HTTPS: u16 = 443;

/// The TURN server in here.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The name it is told by; without one its address is told.
    pub domain: Option<String>,
    /// TURN over UDP and, under the same number, over TCP.
    pub port: Option<u16>,
    /// TURN over TLS.
    pub tls: Option<TurnTls>,
    /// Where it listens; empty means everywhere.
    pub bind_addresses: Vec<IpAddr>,
    /// What credentials are signed with (a key of ours); without one it is made at each start.
    pub secret: Option<SecretString>,
}

/// TURN over TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnTls {
    /// Where it listens.
    pub port: u16,
    /// Where it listens (a key of ours); empty means where the rest of TURN does.
    pub bind_addresses: Vec<IpAddr>,
    /// Who ends TLS.
    pub end: TlsEnd,
}

/// Who ends the TLS of TURN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsEnd {
    /// This server, with this certificate.
    Here(CertificateFiles),
    /// Somebody in front, whom clients find there.
    InFront {
        /// Its port.
        port: u16,
    },
}

/// PEM files, read again when they change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

impl TurnTls {
    /// The port that clients are told.
    pub const fn told_port(&self) -> u16 {
        match self.end {
            TlsEnd::Here(_) => self.port,
            TlsEnd::InFront { port } => port,
        }
    }
}

/// `turn` as it is in the file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct InFile {
    enabled: bool,
    domain: String,
    udp_port: u16,
    tls_port: u16,
    external_tls: bool,
    external_tls_port: u16,
    tls_bind_addresses: Vec<String>,
    cert_file: String,
    key_file: String,
    bind_addresses: Vec<String>,
    relay_range_start: u16,
    relay_range_end: u16,
    secret: SecretString,
}

pub(super) fn read(file: InFile, warnings: &mut Vec<Warning>) -> Result<Option<Turn>, ConfigError> {
    if !file.enabled {
        return Ok(None);
    }
    if file.udp_port == 0 && file.tls_port == 0 {
        return Err(ConfigError::refused(
            "turn",
            "needs udp_port or tls_port when it is enabled",
        ));
    }
    if file.relay_range_start != 0 || file.relay_range_end != 0 {
        warnings.push(Warning::new(
            "turn.relay_range_start",
            "not needed: TURN leads to this server only, and to no port of its own",
        ));
    }
    let domain = (!file.domain.is_empty()).then_some(file.domain);
    if let Some(domain) = &domain
        && !is_name(domain)
    {
        let problem = format!("{domain:?} is not a host name");
        return Err(ConfigError::refused("turn.domain", problem));
    }
    if file.tls_port != 0 && domain.is_none() {
        let problem = "must be set when turn.tls_port is: a certificate is for a name";
        return Err(ConfigError::refused("turn.domain", problem));
    }
    let tls = match file.tls_port {
        0 => None,
        port => Some(TurnTls {
            port,
            bind_addresses: address::parsed("turn.tls_bind_addresses", file.tls_bind_addresses)?,
            end: match file.external_tls_port {
                _ if !file.external_tls => TlsEnd::Here(files(&file.cert_file, &file.key_file)?),
                0 => TlsEnd::InFront { port: HTTPS },
                port => TlsEnd::InFront { port },
            },
        }),
    };
    Ok(Some(Turn {
        domain,
        port: Some(file.udp_port).filter(|port| *port != 0),
        tls,
        bind_addresses: address::parsed("turn.bind_addresses", file.bind_addresses)?,
        secret: Some(file.secret).filter(|secret| !secret.expose_secret().is_empty()),
    }))
}

/// Whether they can be read is seen when they are: without them there is no TURN over TLS, and meetings all the same.
fn files(certificate: &str, key: &str) -> Result<CertificateFiles, ConfigError> {
    for (name, path) in [("turn.cert_file", certificate), ("turn.key_file", key)] {
        if path.is_empty() {
            let problem = "must be set when turn.tls_port is, unless turn.external_tls is on";
            return Err(ConfigError::refused(name, problem));
        }
    }
    Ok(CertificateFiles {
        certificate: certificate.into(),
        key: key.into(),
    })
}

/// A host name or an IPv4 address: what can stand in a `turn:` URL as it is.
fn is_name(domain: &str) -> bool {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "-._".contains(character);
    domain.len() <= 253 && domain.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::config::Config;

    fn read(turn: &str) -> Result<(Option<Turn>, Vec<Warning>), ConfigError> {
        let text =
            format!("keys: {{k: a-secret-of-at-least-thirty-two-letters}}\nturn: {{{turn}}}\n");
        Config::from_yaml(&text).map(|(config, warnings)| (config.turn, warnings))
    }

    fn refusal(turn: &str) -> String {
        read(turn).unwrap_err().to_string()
    }

    #[test]
    fn livekits_keys_are_understood() {
        let folder = tempfile::tempdir().unwrap();
        let [certificate, key] = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
        for path in [&certificate, &key] {
            std::fs::write(path, "").unwrap();
        }
        let (turn, warnings) = read(&format!(
            "enabled: true, domain: turn.example.org, udp_port: 3478, tls_port: 5349, cert_file: '{}', \
             key_file: '{}', bind_addresses: [127.0.0.1]",
            certificate.display(),
            key.display()
        ))
        .unwrap();
        assert_eq!(warnings, []);
        let turn = turn.unwrap();
        assert_eq!(turn.domain.as_deref(), Some("turn.example.org"));
        assert_eq!(turn.port, Some(3478));
        assert_eq!(turn.bind_addresses, [Ipv4Addr::LOCALHOST]);
        let tls = turn.tls.unwrap();
        assert_eq!((tls.port, tls.told_port()), (5349, 5349));
        assert_eq!(tls.end, TlsEnd::Here(CertificateFiles { certificate, key }));
        assert!(turn.secret.is_none());
    }

    #[test]
    fn tls_may_end_in_front_where_clients_find_https() {
        let (turn, _) =
            read("enabled: true, domain: t.example, tls_port: 5349, external_tls: true").unwrap();
        let turn = turn.unwrap();
        assert_eq!(turn.port, None);
        let tls = turn.tls.unwrap();
        assert_eq!((tls.port, tls.told_port()), (5349, 443));
        assert_eq!(tls.end, TlsEnd::InFront { port: 443 });
        let (turn, _) = read(
            "enabled: true, domain: t.example, tls_port: 5349, external_tls: true, external_tls_port: 8443, \
             tls_bind_addresses: [127.0.0.1]",
        )
        .unwrap();
        let tls = turn.unwrap().tls.unwrap();
        assert_eq!(tls.told_port(), 8443);
        assert_eq!(tls.bind_addresses, [Ipv4Addr::LOCALHOST]);
    }

    #[test]
    fn a_server_that_is_off_is_not_looked_at_further() {
        let (turn, warnings) = read("enabled: false, tls_port: 5349").unwrap();
        assert!(turn.is_none() && warnings.is_empty());
    }

    #[test]
    fn ports_of_relays_are_not_needed() {
        let (_, warnings) =
            read("enabled: true, udp_port: 3478, relay_range_start: 30000, relay_range_end: 40000")
                .unwrap();
        assert_eq!(warnings.len(), 1);
        assert_eq!(warnings[0].key, "turn.relay_range_start");
    }

    #[test]
    fn a_wrong_value_is_refused_with_its_key() {
        let tls = "enabled: true, domain: t.example, tls_port: 5349";
        assert!(refusal("enabled: true").starts_with("turn: "));
        assert!(refusal("enabled: true, tls_port: 1").starts_with("turn.domain: "));
        assert!(refusal("enabled: true, udp_port: 1, domain: 'a b'").starts_with("turn.domain: "));
        assert!(refusal(tls).starts_with("turn.cert_file: "));
        let later = read(&format!("{tls}, cert_file: /nowhere, key_file: /nowhere"));
        assert!(later.is_ok(), "they may come later");
        let half = refusal(&format!("{tls}, cert_file: /etc/hostname"));
        assert!(half.starts_with("turn.key_file: "), "{half}");
        let name = refusal("enabled: true, udp_port: 1, bind_addresses: [nowhere.example]");
        assert!(name.starts_with("turn.bind_addresses: "), "{name}");
        let port = refusal("enabled: true, udp_port: 70000");
        assert!(port.contains("turn"), "{port}");
        let secret = refusal("enabled: true, secret: [my-secret-word]");
        assert!(!secret.contains("my-secret"), "{secret}");
    }
}
