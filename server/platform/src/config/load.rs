//! Loads the configuration: the example's defaults, then the file, then the environment.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_yaml::Value;
use thiserror::Error;

use super::{Config, EXAMPLE, Refused, locate::line_of};

/// Why the configuration is refused; each names the key and where it was set.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read {path}: {cause}")]
    Unreadable {
        /// As given on the command line.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The file is not YAML.
    #[error("{path} is not valid YAML: {cause}")]
    Malformed {
        /// As given on the command line.
        path: PathBuf,
        /// The parser's message, with line and column.
        cause: serde_yaml::Error,
    },
    /// A key that config.example.yaml does not know.
    #[error("unknown key {key} ({place}); config.example.yaml lists every key")]
    UnknownKey {
        /// Dotted path.
        key: String,
        /// File and line, or environment variable.
        place: String,
    },
    /// A value that is not allowed for its key.
    #[error("{key} ({place}): {why}")]
    Refused {
        /// Dotted path.
        key: String,
        /// File and line, or environment variable.
        place: String,
        /// What would be right.
        why: String,
    },
    /// Both a secret and its `_file` twin are set, or the file cannot be read.
    #[error("{key}_file: {why}")]
    SecretFile {
        /// Dotted path of the secret.
        key: &'static str,
        /// What is wrong.
        why: String,
    },
}

impl Config {
    /// Loads `path` over the defaults and `env` (name, value) over both, and checks every value.
    pub fn load(
        path: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Config, ConfigError> {
        let text = match path {
            Some(path) => fs::read_to_string(path).map_err(|cause| ConfigError::Unreadable {
                path: path.to_owned(),
                cause,
            })?,
            None => String::new(),
        };
        let mut sources = Sources {
            path,
            text: &text,
            env: Vec::new(),
        };
        let mut values = defaults();
        if let Some(path) = path {
            let file: Value =
                serde_yaml::from_str(&text).map_err(|cause| ConfigError::Malformed {
                    path: path.to_owned(),
                    cause,
                })?;
            overlay(&mut values, file, "", &sources)?;
        }
        for (name, value) in env {
            if let Some(key) = key_of_variable(&name) {
                sources.env.push((key.clone(), name));
                set(&mut values, &key, &value).map_err(|()| ConfigError::UnknownKey {
                    place: sources.place(&key),
                    key,
                })?;
            }
        }
        let mut config: Config = serde_path_to_error::deserialize(&values).map_err(|error| {
            let key = error.path().to_string();
            ConfigError::Refused {
                place: sources.place(&key),
                key,
                why: error.inner().to_string(),
            }
        })?;
        config.read_secret_files()?;
        config.check(&sources)?;
        Ok(config)
    }

    fn check(&self, sources: &Sources<'_>) -> Result<(), ConfigError> {
        let sections: [(&str, Result<(), Refused>); 6] = [
            ("server", self.server.check()),
            ("database", self.database.check()),
            ("livekit", self.livekit.check()),
            ("auth", self.auth.check()),
            ("rooms", self.rooms.check()),
            ("log", self.log.check()),
        ];
        for (section, checked) in sections {
            checked.map_err(|refused| {
                let key = format!("{section}.{}", refused.key);
                ConfigError::Refused {
                    place: sources.place(&key),
                    key,
                    why: refused.why,
                }
            })?;
        }
        Ok(())
    }

    fn read_secret_files(&mut self) -> Result<(), ConfigError> {
        let twins = [
            (
                "database.url",
                &self.database.url_file,
                &mut self.database.url,
            ),
            (
                "livekit.api_secret",
                &self.livekit.api_secret_file,
                &mut self.livekit.api_secret,
            ),
        ];
        for (key, file, secret) in twins {
            let Some(file) = file else { continue };
            if secret.is_some() {
                let why = format!("{key} is set as well; set one of both");
                return Err(ConfigError::SecretFile { key, why });
            }
            let text = fs::read_to_string(file).map_err(|cause| ConfigError::SecretFile {
                key,
                why: format!("cannot read {}: {cause}", file.display()),
            })?;
            let text = text.trim_end_matches(['\r', '\n']);
            if text.is_empty() {
                let why = format!("{} is empty", file.display());
                return Err(ConfigError::SecretFile { key, why });
            }
            *secret = Some(text.to_owned().into());
        }
        Ok(())
    }
}

impl Default for Config {
    /// The values of config.example.yaml.
    #[expect(
        clippy::expect_used,
        reason = "the example is compiled in and a test loads it"
    )]
    fn default() -> Config {
        Config::deserialize(&defaults()).expect("config.example.yaml holds a valid configuration")
    }
}

#[expect(
    clippy::expect_used,
    reason = "the example is compiled in and a test loads it"
)]
fn defaults() -> Value {
    serde_yaml::from_str(EXAMPLE).expect("config.example.yaml is YAML")
}

/// Where a key was set, for messages.
struct Sources<'a> {
    path: Option<&'a Path>,
    text: &'a str,
    env: Vec<(String, String)>,
}

impl Sources<'_> {
    fn place(&self, key: &str) -> String {
        if let Some((_, variable)) = self.env.iter().find(|(set, _)| set == key) {
            return format!("environment variable {variable}");
        }
        match (self.path, line_of(self.text, key)) {
            (Some(path), Some(line)) => format!("{} line {line}", path.display()),
            (Some(path), None) => path.display().to_string(),
            (None, _) => "default".to_owned(),
        }
    }
}

/// Puts `file`'s values over `values`; a key that is not in `values` is unknown.
fn overlay(
    values: &mut Value,
    file: Value,
    path: &str,
    sources: &Sources<'_>,
) -> Result<(), ConfigError> {
    let (Value::Mapping(known), Value::Mapping(given)) = (&mut *values, &file) else {
        // A section left empty (`server:`) is null: it changes nothing.
        if !(values.is_mapping() && file.is_null()) {
            *values = file;
        }
        return Ok(());
    };
    for (key, value) in given {
        let name = key
            .as_str()
            .map_or_else(|| format!("{key:?}"), str::to_owned);
        let key_path = if path.is_empty() {
            name
        } else {
            format!("{path}.{name}")
        };
        let Some(slot) = known.get_mut(key) else {
            return Err(ConfigError::UnknownKey {
                place: sources.place(&key_path),
                key: key_path,
            });
        };
        overlay(slot, value.clone(), &key_path, sources)?;
    }
    Ok(())
}

/// The dotted key that an environment variable sets, if it is one of ours.
fn key_of_variable(name: &str) -> Option<String> {
    if name == "LIVEKIT_CONFIG_PATH" {
        return Some("livekit.config_path".to_owned());
    }
    let key = name.strip_prefix("CONVOKE_")?;
    // Without `__` it is no section's key: variables for other uses share the prefix.
    key.contains("__")
        .then(|| key.to_lowercase().replace("__", "."))
}

/// Sets one key from text, typed as its default is; `Err` when there is no such key.
fn set(values: &mut Value, key: &str, text: &str) -> Result<(), ()> {
    let mut slot = values;
    for part in key.split('.') {
        slot = slot.get_mut(part).ok_or(())?;
    }
    *slot = match slot {
        Value::Mapping(_) => return Err(()),
        Value::Sequence(_) => text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(Value::from)
            .collect(),
        Value::Bool(_) => text
            .parse::<bool>()
            .map_or_else(|_| Value::from(text), Value::from),
        Value::Number(_) => text
            .parse::<i64>()
            .map_or_else(|_| Value::from(text), Value::from),
        Value::Null | Value::String(_) | Value::Tagged(_) => Value::from(text),
    };
    Ok(())
}
