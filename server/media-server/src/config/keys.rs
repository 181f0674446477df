//! `keys` and `key_file`.

use std::{fmt, fs, os::unix::fs::PermissionsExt};

use livekit_wire::ApiKeys;
use secrecy::{ExposeSecret, SecretString};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

use super::{ConfigError, Warning};

/// LiveKit recommends no less, and so does HMAC-SHA-256.
const RECOMMENDED_SECRET: usize = 32;

/// Keys in the order of the file: the first one signs.
#[derive(Default)]
pub(super) struct InFile(Vec<(String, SecretString)>);

impl<'de> Deserialize<'de> for InFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = InFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of API keys and their secrets")
            }

            fn visit_unit<E>(self) -> Result<InFile, E> {
                Ok(InFile::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<InFile, A::Error> {
                let mut keys = Vec::new();
                while let Some((key, secret)) = map.next_entry::<String, String>()? {
                    keys.push((key, secret.into()));
                }
                Ok(InFile(keys))
            }
        }
        deserializer.deserialize_any(Pairs)
    }
}

/// The file of keys wins over keys in the configuration, as in the original.
pub(super) fn read(
    in_file: InFile,
    key_file: Option<&str>,
    development: bool,
    warnings: &mut Vec<Warning>,
) -> Result<ApiKeys, ConfigError> {
    let pairs = match key_file {
        Some(path) if !path.is_empty() => read_file(path)?,
        _ => in_file.0,
    };
    for (key, secret) in &pairs {
        let length = secret.expose_secret().len();
        if length == 0 {
            return Err(ConfigError::refused(
                format!("keys.{key}"),
                "the secret is empty",
            ));
        }
        if length < RECOMMENDED_SECRET && !development {
            let remark = "the secret should have at least 32 characters";
            warnings.push(Warning::new(&format!("keys.{key}"), remark));
        }
    }
    ApiKeys::new(pairs)
        .map_err(|_| ConfigError::refused("keys", "one of keys and key_file must be given"))
}

fn read_file(path: &str) -> Result<Vec<(String, SecretString)>, ConfigError> {
    let refused = |problem: String| ConfigError::refused("key_file", problem);
    let mode = fs::metadata(path)
        .map_err(|error| refused(format!("{path}: {error}")))?
        .permissions()
        .mode();
    if mode & 0o007 != 0 {
        return Err(refused(format!(
            "{path}: others must have no permission on it (chmod o= {path})"
        )));
    }
    let text = fs::read_to_string(path).map_err(|error| refused(format!("{path}: {error}")))?;
    // The parser's message could quote a secret.
    let keys: InFile = serde_yaml::from_str(&text)
        .map_err(|_| refused(format!("{path}: not a map of keys and secrets")))?;
    Ok(keys.0)
}
