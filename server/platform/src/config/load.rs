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
        let sections: [(&str, Result<(), Refused>); 7] = [
            ("server", self.server.check()),
            ("database", self.database.check()),
            ("livekit", self.livekit.check()),
            ("auth", self.auth.check()),
            ("rooms", self.rooms.check()),
            ("log", self.log.check()),
            ("matrix", self.matrix.check()),
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use secrecy::ExposeSecret;
    use tempfile::NamedTempFile;

    use super::*;
    use crate::config::{LiveKitEngine, Registration, Tls};

    fn file(text: &str) -> NamedTempFile {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    fn load(text: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let file = file(text);
        let env = env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::load(Some(file.path()), env)
    }

    fn refusal(text: &str, env: &[(&str, &str)]) -> String {
        load(text, env).unwrap_err().to_string()
    }

    #[test]
    fn no_file_and_an_empty_file_are_the_defaults() {
        let defaults = Config::default();
        assert_eq!(Config::load(None, []).unwrap(), defaults);
        assert_eq!(load("", &[]).unwrap(), defaults);
        assert_eq!(load("server:\n", &[]).unwrap(), defaults);
        assert_eq!(load(EXAMPLE, &[]).unwrap(), defaults);
        assert_eq!(defaults.server.listen_address().to_string(), "0.0.0.0:8080");
        assert_eq!(defaults.server.site_url(), "http://localhost:8080");
        let url = defaults.database.url_or_default("data".as_ref());
        assert_eq!(url.expose_secret(), "sqlite:data/convoke.db");
    }

    #[test]
    fn every_key_of_the_example_is_explained_above_it() {
        let lines: Vec<&str> = EXAMPLE.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let is_key = !line.trim().is_empty() && !line.trim_start().starts_with('#');
            if is_key {
                let above = lines[index - 1].trim_start();
                assert!(above.starts_with("# "), "line {}: {line}", index + 1);
            }
        }
    }

    #[test]
    fn a_file_changes_what_it_names() {
        let config = load(
            "server:\n  port: 80\n  trusted_proxies: [10.0.0.0/8, \"::1\"]\n  tls: self-signed\n\
             livekit: {engine: built-in, ports: {udp: 9}}\nauth:\n  registration: closed\n",
            &[],
        )
        .unwrap();
        assert_eq!(config.server.port, 80);
        assert_eq!(config.server.tls, Tls::SelfSigned);
        assert_eq!(config.server.site_url(), "https://localhost:80");
        assert!(
            config
                .server
                .trusted_proxies
                .contains("10.1.2.3".parse().unwrap())
        );
        assert!(
            !config
                .server
                .trusted_proxies
                .contains("11.1.2.3".parse().unwrap())
        );
        assert_eq!(config.livekit.engine, LiveKitEngine::BuiltIn);
        assert_eq!(
            (config.livekit.ports.udp, config.livekit.ports.tcp),
            (9, 7881)
        );
        assert_eq!(config.auth.registration, Registration::Closed);
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let config = load(
            "server:\n  port: 80\n",
            &[
                ("CONVOKE_SERVER__PORT", "8443"),
                ("CONVOKE_LIVEKIT__PORTS__UDP", "9"),
                ("CONVOKE_SERVER__TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1"),
                ("CONVOKE_ROOMS__GUESTS_ALLOWED", "false"),
                ("LIVEKIT_CONFIG_PATH", "/etc/livekit.yaml"),
                ("CONVOKE_OTHER", "not a key"),
                ("PATH", "/bin"),
            ],
        )
        .unwrap();
        assert_eq!(config.server.port, 8443);
        assert_eq!(config.livekit.ports.udp, 9);
        assert!(
            config
                .server
                .trusted_proxies
                .contains("127.0.0.1".parse().unwrap())
        );
        assert!(!config.rooms.guests_allowed);
        assert_eq!(
            config.livekit.config_path.unwrap().to_str(),
            Some("/etc/livekit.yaml")
        );
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_or_variable() {
        let message = refusal("server:\n  port: 80\n  prot: 81\n", &[]);
        assert!(message.contains("unknown key server.prot"), "{message}");
        assert!(message.contains("line 3"), "{message}");
        let message = refusal("sever:\n  port: 80\n", &[]);
        assert!(
            message.contains("unknown key sever") && message.contains("line 1"),
            "{message}"
        );
        let message = refusal("", &[("CONVOKE_SERVER__PROT", "81")]);
        assert!(message.contains("server.prot"), "{message}");
        assert!(message.contains("CONVOKE_SERVER__PROT"), "{message}");
    }

    #[test]
    fn a_refused_value_is_named_with_its_line_or_variable() {
        for (text, key, line) in [
            ("server:\n  port: 70000\n", "server.port", "line 2"),
            ("server:\n  tls: on\n", "server.tls", "line 2"),
            ("server:\n  tls: files\n", "server.cert_file", ""),
            (
                "server:\n  public_url: example.org\n",
                "server.public_url",
                "line 2",
            ),
            (
                "server:\n  public_url: https://example.org/meet\n",
                "server.public_url",
                "line 2",
            ),
            (
                "server:\n  trusted_proxies: [nobody]\n",
                "server.trusted_proxies",
                "line 2",
            ),
            ("database:\n  url: mysql://x\n", "database.url", "line 2"),
            ("livekit:\n  external: true\n", "livekit.host", ""),
            (
                "livekit:\n  api_key: k\n  api_secret: short\n",
                "livekit.api_secret",
                "line 3",
            ),
            (
                "livekit:\n  turn:\n    enabled: true\n",
                "livekit.turn.domain",
                "line 2",
            ),
            (
                "auth:\n  password_min_length: 4\n",
                "auth.password_min_length",
                "line 2",
            ),
            ("auth:\n  session_days: 0\n", "auth.session_days", "line 2"),
            (
                "rooms:\n  token_minutes: 61\n",
                "rooms.token_minutes",
                "line 2",
            ),
            ("log:\n  format: xml\n", "log.format", "line 2"),
            (
                "matrix:\n  enabled: true\n",
                "matrix.full_access_homeservers",
                "",
            ),
            (
                "matrix:\n  full_access_homeservers: [a.org, \"*\"]\n",
                "matrix.full_access_homeservers",
                "line 2",
            ),
            (
                "matrix:\n  client_api_overrides: [a.org]\n",
                "matrix.client_api_overrides",
                "line 2",
            ),
            (
                "matrix:\n  client_api_overrides: [\"a.org=ftp://b.org\"]\n",
                "matrix.client_api_overrides",
                "line 2",
            ),
            (
                "matrix:\n  client_api_overrides: [\"a.org=b.org\", \"a.org=c.org\"]\n",
                "matrix.client_api_overrides",
                "line 2",
            ),
            (
                "matrix:\n  enabled: true\n  full_access_homeservers: [a.org]\n  well_known: true\n",
                "matrix.homeserver_url",
                "",
            ),
        ] {
            let message = refusal(text, &[]);
            assert!(message.starts_with(&format!("{key} (")), "{message}");
            assert!(message.contains(line), "{message}");
        }
        let message = refusal("", &[("CONVOKE_SERVER__PORT", "many")]);
        assert!(message.contains("CONVOKE_SERVER__PORT"), "{message}");
    }

    #[test]
    fn a_homeservers_client_api_without_a_scheme_is_https() {
        let overrides = "a.org=b.org:8448, c.org=http://d.org";
        let variable = ("CONVOKE_MATRIX__CLIENT_API_OVERRIDES", overrides);
        let read = load("", &[variable]).unwrap().matrix.client_api_overrides;
        assert_eq!(read["a.org"].as_str(), "https://b.org:8448/");
        assert_eq!(read["c.org"].as_str(), "http://d.org/");
    }

    #[test]
    fn a_secret_may_look_like_a_number_and_is_never_shown() {
        let secret = "12345678901234567890123456789012";
        let env = [
            ("CONVOKE_LIVEKIT__API_KEY", "key"),
            ("CONVOKE_LIVEKIT__API_SECRET", secret),
        ];
        let config = load("", &env).unwrap();
        assert_eq!(
            config.livekit.api_secret.as_ref().unwrap().expose_secret(),
            secret
        );
        assert!(!format!("{config:?}").contains(secret));
    }

    #[test]
    fn a_secret_comes_from_its_file_twin_but_not_from_both() {
        let secret = "secret-secret-secret-secret-secret";
        let twin = file(&format!("{secret}\n"));
        let path = twin.path().display();
        let text = format!("livekit:\n  api_key: k\n  api_secret_file: {path}\n");
        let config = load(&text, &[]).unwrap();
        assert_eq!(config.livekit.api_secret.unwrap().expose_secret(), secret);
        let message = refusal(&text, &[("CONVOKE_LIVEKIT__API_SECRET", secret)]);
        assert!(message.contains("set one of both"), "{message}");
        assert!(!message.contains(secret), "{message}");
        let message = refusal("database:\n  url_file: /nowhere\n", &[]);
        assert!(
            message.starts_with("database.url_file: cannot read /nowhere"),
            "{message}"
        );
    }

    #[test]
    fn what_is_no_yaml_or_cannot_be_read_is_named() {
        let message = refusal("server: [\n", &[]);
        assert!(message.contains("is not valid YAML"), "{message}");
        let message = Config::load(Some(Path::new("/nowhere.yaml")), [])
            .unwrap_err()
            .to_string();
        assert!(
            message.starts_with("cannot read /nowhere.yaml"),
            "{message}"
        );
    }
}
