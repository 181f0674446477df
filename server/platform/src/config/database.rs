//! Section `database`: where the records are.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{fault::Refusals, value};

/// Section `database`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Database {
    #[serde(deserialize_with = "value::secret")]
    pub url: Option<SecretString>,
    #[serde(deserialize_with = "value::optional")]
    pub url_file: Option<PathBuf>,
    pub max_connections: u32,
}

impl Database {
    /// The URL to open: the configured one, else the SQLite file in `data_dir`.
    pub fn url_or_default(&self, data_dir: &Path) -> SecretString {
        match &self.url {
            Some(url) => url.clone(),
            None => format!("sqlite:{}", data_dir.join("convoke.db").display()).into(),
        }
    }

    pub(super) fn check(&self, refused: &mut Refusals) {
        if let Some(url) = &self.url {
            let known = ["sqlite:", "postgres://", "postgresql://"];
            refused.unless(
                known
                    .iter()
                    .any(|scheme| url.expose_secret().starts_with(scheme)),
                "url",
                "must start with sqlite: or postgres://",
            );
        }
        refused.unless(
            (2..=1000).contains(&self.max_connections),
            "max_connections",
            "must be between 2 and 1000",
        );
    }
}

impl PartialEq for Database {
    fn eq(&self, other: &Database) -> bool {
        value::same_secret(self.url.as_ref(), other.url.as_ref())
            && self.url_file == other.url_file
            && self.max_connections == other.max_connections
    }
}
