//! Section `acme`: which authority signs the site's certificate, where `server.tls` asks one.

use std::{net::IpAddr, path::PathBuf};

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::{fault::Refusals, value};

/// Names of one certificate: authorities take a hundred.
const MOST_NAMES: usize = 50;

/// Section `acme`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Acme {
    pub directory: Url,
    pub contacts: Vec<String>,
    pub names: Vec<String>,
    #[serde(deserialize_with = "value::optional")]
    pub root_file: Option<PathBuf>,
    #[serde(deserialize_with = "value::text")]
    pub eab_key_id: Option<String>,
    #[serde(deserialize_with = "value::secret")]
    pub eab_key: Option<SecretString>,
    #[serde(deserialize_with = "value::optional")]
    pub eab_key_file: Option<PathBuf>,
}

impl Acme {
    pub(super) fn check(&self, refused: &mut Refusals) {
        refused.unless(
            self.directory.scheme() == "https" && self.directory.has_host(),
            "directory",
            "must be an https URL",
        );
        let is_mail = |mail: &String| {
            mail.split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && is_name(host))
        };
        refused.unless(
            self.contacts.iter().all(is_mail),
            "contacts",
            "must be mail addresses, such as ada@example.org",
        );
        refused.unless(
            self.names.len() <= MOST_NAMES && self.names.iter().all(|name| is_name(name)),
            "names",
            "must be at most 50 names of hosts or IP addresses, without * and without a port",
        );
        if let Some(file) = &self.root_file
            && let Err(cause) = std::fs::File::open(file)
        {
            let why = format!("cannot read {}: {cause}", file.display());
            refused.unless(false, "root_file", &why);
        }
        refused.unless(
            self.eab_key_id.is_some() == self.eab_key.is_some(),
            "eab_key_id",
            "must be set together with eab_key",
        );
    }
}

/// What an authority can sign without the DNS: no wildcard, no port, no path.
pub(super) fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    name.parse::<IpAddr>().is_ok() || (name.len() <= 253 && name.split('.').all(is_label))
}

impl PartialEq for Acme {
    fn eq(&self, other: &Acme) -> bool {
        value::same_secret(self.eab_key.as_ref(), other.eab_key.as_ref())
            && self.directory == other.directory
            && self.contacts == other.contacts
            && self.names == other.names
            && self.root_file == other.root_file
            && self.eab_key_id == other.eab_key_id
            && self.eab_key_file == other.eab_key_file
    }
}
