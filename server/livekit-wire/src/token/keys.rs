//! The API keys a server knows, with their secrets.

use secrecy::SecretString;

/// API keys in the order of the configuration; never empty. The first one signs what the server itself issues.
#[derive(Clone, Debug)]
pub struct ApiKeys {
    first: (String, SecretString),
    others: Vec<(String, SecretString)>,
}

/// A server without keys could let nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no API key is configured")]
pub struct NoKeys;

impl ApiKeys {
    /// Keys and secrets in the order of the configuration.
    pub fn new(keys: impl IntoIterator<Item = (String, SecretString)>) -> Result<Self, NoKeys> {
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or(NoKeys)?;
        Ok(Self {
            first,
            others: keys.collect(),
        })
    }

    /// One key and its secret.
    pub fn one(key: String, secret: SecretString) -> Self {
        Self {
            first: (key, secret),
            others: Vec::new(),
        }
    }

    /// The key that signs refreshed tokens, with its secret.
    pub fn first(&self) -> (&str, &SecretString) {
        (&self.first.0, &self.first.1)
    }

    /// The secret of `api_key`, if the server knows it.
    pub fn secret(&self, api_key: &str) -> Option<&SecretString> {
        std::iter::once(&self.first)
            .chain(&self.others)
            .find_map(|(key, secret)| (key == api_key).then_some(secret))
    }
}
