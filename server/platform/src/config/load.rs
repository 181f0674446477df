//! Loads the configuration: the example's defaults, then the file, then the environment.

use std::{fs, path::Path};

use livekit_wire::secret_file::without_values;
use serde::Deserialize;
use serde_yaml::Value;

use super::{
    Config,
    fault::{ConfigError, Faults, Refusals},
    locate::line_of,
    manual, ports,
    setting::{Setting, SettingSource},
    written::Written,
};

/// The lists whose entries have keys of their own.
const LISTS_OF_SECTIONS: [&str; 2] = ["agents.commands", "livekit.regions"];

impl Config {
    /// Loads `path` over the defaults and `env` (name, value) over both, checks every value, and reports all that is
    /// wrong.
    pub fn load(
        path: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Config, ConfigError> {
        Config::load_with_settings(path, env).map(|(config, _)| config)
    }

    /// [`Config::load`], with every key as it is in force.
    pub fn load_with_settings(
        path: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(Config, Vec<Setting>), ConfigError> {
        let mut loading = Loading {
            path,
            text: String::new(),
            in_file: Vec::new(),
            env: Vec::new(),
            values: manual::defaults(),
            faults: Faults::default(),
        };
        let readable = loading.read_file();
        loading.read_env(env);
        let mut config = loading.typed();
        config.read_secret_files(&mut loading);
        if readable {
            config.check(&mut loading);
        }
        let settings = loading.settings();
        loading.faults.none()?;
        Ok((config, settings))
    }

    fn check(&self, loading: &mut Loading<'_>) {
        type Check = fn(&Config, &mut Refusals);
        let sections: [(&str, Check); 14] = [
            ("server", |config, refused| config.server.check(refused)),
            ("acme", |config, refused| config.acme.check(refused)),
            ("database", |config, refused| config.database.check(refused)),
            ("livekit", |config, refused| config.livekit.check(refused)),
            ("auth", |config, refused| config.auth.check(refused)),
            ("rooms", |config, refused| config.rooms.check(refused)),
            ("agents", |config, refused| config.agents.check(refused)),
            ("recordings", |config, refused| {
                config.recordings.check(refused);
            }),
            ("metrics", |config, refused| config.metrics.check(refused)),
            ("quality", |config, refused| config.quality.check(refused)),
            ("audit", |config, refused| config.audit.check(refused)),
            ("doctor", |config, refused| config.doctor.check(refused)),
            ("log", |config, refused| config.log.check(refused)),
            ("matrix", |config, refused| config.matrix.check(refused)),
        ];
        for (section, check) in sections {
            let mut refused = Refusals::default();
            check(self, &mut refused);
            for (key, why) in refused.0 {
                loading.fault(&format!("{section}.{key}"), why);
            }
        }
        for (key, why) in ports::clashes(self) {
            loading.fault(key, why);
        }
    }

    fn read_secret_files(&mut self, loading: &mut Loading<'_>) {
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
            (
                "livekit.turn_server.secret",
                &self.livekit.turn_server.secret_file,
                &mut self.livekit.turn_server.secret,
            ),
            (
                "livekit.redis.password",
                &self.livekit.redis.password_file,
                &mut self.livekit.redis.password,
            ),
            (
                "recordings.storage.s3.secret_key",
                &self.recordings.storage.s3.secret_key_file,
                &mut self.recordings.storage.s3.secret_key,
            ),
            (
                "acme.eab_key",
                &self.acme.eab_key_file,
                &mut self.acme.eab_key,
            ),
            (
                "metrics.bearer_token",
                &self.metrics.bearer_token_file,
                &mut self.metrics.bearer_token,
            ),
        ];
        let of_regions = self.livekit.regions.iter_mut().map(|region| {
            let (file, secret) = (&region.api_secret_file, &mut region.api_secret);
            ("livekit.regions.api_secret", file, secret)
        });
        for (key, file, secret) in twins.into_iter().chain(of_regions) {
            let Some(file) = file else { continue };
            let twin = format!("{key}_file");
            if secret.is_some() {
                loading.fault(&twin, format!("{key} is set as well; set one of both"));
                continue;
            }
            let text = match fs::read_to_string(file) {
                Ok(text) => text.trim_end_matches(['\r', '\n']).to_owned(),
                Err(cause) => {
                    loading.fault(&twin, format!("cannot read {}: {cause}", file.display()));
                    continue;
                }
            };
            if text.is_empty() {
                loading.fault(&twin, format!("{} is empty", file.display()));
            } else {
                *secret = Some(text.into());
            }
        }
    }
}

impl Default for Config {
    /// The values of config.example.yaml.
    #[expect(
        clippy::expect_used,
        reason = "the example is compiled in and a test loads it"
    )]
    fn default() -> Config {
        Config::deserialize(&manual::defaults())
            .expect("config.example.yaml holds a valid configuration")
    }
}

/// A configuration on its way from its sources.
struct Loading<'a> {
    path: Option<&'a Path>,
    text: String,
    /// Keys that the file sets.
    in_file: Vec<String>,
    /// Keys that the environment sets, and by which variable.
    env: Vec<(String, String)>,
    values: Value,
    faults: Faults,
}

impl Loading<'_> {
    /// False when nothing can be said of what the file wants.
    fn read_file(&mut self) -> bool {
        let Some(path) = self.path else { return true };
        let place = path.display().to_string();
        let written = fs::read_to_string(path)
            .map_err(|cause| format!("cannot be read: {cause}"))
            .and_then(|text| {
                let written = Written::read(&text);
                self.text = text;
                written.map_err(|cause| format!("is not valid YAML: {}", without_values(&cause)))
            });
        match written {
            Ok(written) => {
                let mut values = std::mem::take(&mut self.values);
                self.overlay(&mut values, written, "");
                self.values = values;
                true
            }
            Err(why) => {
                self.faults.add("", place, why);
                false
            }
        }
    }

    fn read_env(&mut self, env: impl IntoIterator<Item = (String, String)>) {
        let defaults = manual::defaults();
        for (name, text) in env {
            let Some(key) = key_of_variable(&name) else {
                if let Some(meant) = meant_variable(&name) {
                    let why = format!("two underscores part section and key: write {meant}");
                    let place = format!("environment variable {name}");
                    self.faults.add(&name, place, why);
                }
                continue;
            };
            // What is said last counts: options come after variables.
            self.env.retain(|(set, _)| *set != key);
            self.env.push((key.clone(), name));
            let mut slot = Some(&mut self.values);
            for part in key.split('.') {
                slot = slot.and_then(|slot| slot.get_mut(part));
            }
            match slot {
                Some(slot) if !slot.is_mapping() => {
                    *slot = typed(lookup(&defaults, &key).unwrap_or(&Value::Null), &text);
                }
                Some(_) | None => {
                    let meant = manual::meant_key(&key).map(|key| variable_of(&key));
                    self.fault(&key, unknown(meant.as_deref()));
                }
            }
        }
    }

    /// The values in their types; a key whose value is refused keeps its default, so that the others are looked at.
    fn typed(&mut self) -> Config {
        loop {
            let error = match serde_path_to_error::deserialize::<_, Config>(&self.values) {
                Ok(config) => return config,
                Err(error) => error,
            };
            let path = error.path().to_string();
            let key = path.split('[').next().unwrap_or_default().to_owned();
            let why = self.refusal(&key, error.inner());
            self.fault(&key, why);
            if !reset(&mut self.values, &key) {
                return Config::default();
            }
        }
    }

    /// What is wrong with the value of `key`, in the manual's words where the parser has only a programmer's.
    fn refusal(&self, key: &str, error: &serde_yaml::Error) -> String {
        let said = error.to_string();
        let of_a_programmer = ["invalid ", "unknown variant", "relative URL", "empty host"]
            .iter()
            .any(|start| said.starts_with(start));
        let (shown, value) = match lookup(&self.values, key).and_then(scalar) {
            Some(text) if !manual::is_secret(key) => (format!("{text:?} is not allowed"), text),
            _ => ("this value is not allowed".to_owned(), String::new()),
        };
        if !of_a_programmer {
            return said;
        }
        let words: Vec<&str> = match said.split_once("expected ") {
            Some((start, list)) if start.starts_with("unknown variant") => {
                list.split('`').skip(1).step_by(2).collect()
            }
            _ => Vec::new(),
        };
        let meant = manual::meant(&value, words)
            .map_or_else(String::new, |word| format!("; did you mean {word}?"));
        let default = manual::defaults();
        let allowed = manual::allowed(key).unwrap_or_else(|| {
            match lookup(&default, key) {
                Some(Value::Bool(_)) => "true, false",
                Some(Value::Number(_)) => "a whole number",
                _ => "see what `convoke config` prints",
            }
            .to_owned()
        });
        format!("{shown}; allowed: {allowed}{meant}")
    }

    fn fault(&mut self, key: &str, why: impl Into<String>) {
        // What follows from a secret file that cannot be read is no fault of its own.
        if !self.faults.has(&format!("{key}_file")) {
            let place = self.place(key);
            self.faults.add(key, place, why);
        }
    }

    fn settings(&self) -> Vec<Setting> {
        let defaults = manual::defaults();
        let of = |key: &String| {
            let value = lookup(&self.values, key)?;
            let source = self.source(key);
            let place = match source {
                SettingSource::Default => "default".to_owned(),
                _ => self.place(key),
            };
            let origin = (source, place);
            Some(Setting::of(key, value, lookup(&defaults, key)?, origin))
        };
        manual::keys().iter().filter_map(of).collect()
    }

    fn source(&self, key: &str) -> SettingSource {
        if self.env.iter().any(|(set, _)| set == key) {
            SettingSource::Environment
        } else if self.in_file.iter().any(|set| set == key) {
            SettingSource::File
        } else {
            SettingSource::Default
        }
    }

    fn place(&self, key: &str) -> String {
        if let Some((_, variable)) = self.env.iter().find(|(set, _)| set == key) {
            return format!("environment variable {variable}");
        }
        match (self.path, line_of(&self.text, key)) {
            (Some(path), Some(line)) => format!("{} line {line}", path.display()),
            (Some(path), None) => path.display().to_string(),
            (None, _) => "default".to_owned(),
        }
    }

    /// Puts what is `written` over `values`; a key that is not in `values` is unknown.
    fn overlay(&mut self, values: &mut Value, written: Written, path: &str) {
        match (values, written) {
            (Value::Mapping(known), Written::Section(given)) => {
                let mut seen: Vec<String> = Vec::new();
                for (name, value) in given {
                    let dot = if path.is_empty() { "" } else { "." };
                    let key = format!("{path}{dot}{name}");
                    if seen.contains(&name) {
                        self.fault(&key, "stands there twice");
                    } else if let Some(slot) = known.get_mut(name.as_str()) {
                        self.overlay(slot, value, &key);
                    } else if let Some((name, _)) = name
                        .split_once(':')
                        .filter(|(name, _)| known.contains_key(*name))
                    {
                        // The rest may be a secret.
                        let key = format!("{path}{dot}{name}");
                        self.fault(&key, "a blank is missing after the colon");
                    } else {
                        self.fault(&key, unknown(manual::meant_key(&key).as_deref()));
                    }
                    seen.push(name);
                }
            }
            // A section left empty (`server:`) changes nothing.
            (Value::Mapping(_), Written::Text(text)) if is_nothing(&text) => {}
            (Value::Mapping(_), Written::Text(_) | Written::List(_)) => {
                let why = "keys with values are missing here, such as `port: 8080` below `server:`";
                self.fault(path, why);
            }
            (slot @ Value::Sequence(_), Written::List(entries))
                if LISTS_OF_SECTIONS.contains(&path) =>
            {
                *slot = Value::Sequence(entries.into_iter().map(as_written).collect());
                self.in_file.push(path.to_owned());
            }
            (slot @ Value::Sequence(_), Written::List(entries)) => {
                let texts = entries.into_iter().map(|entry| match entry {
                    Written::Text(text) => Some(Value::from(text)),
                    Written::List(_) | Written::Section(_) => None,
                });
                match texts.collect::<Option<Vec<_>>>() {
                    Some(texts) => {
                        *slot = Value::Sequence(texts);
                        self.in_file.push(path.to_owned());
                    }
                    None => self.fault(path, "each entry of the list must be plain text"),
                }
            }
            (slot, Written::Text(text)) => {
                *slot = typed(slot, &text);
                self.in_file.push(path.to_owned());
            }
            (_, Written::List(_) | Written::Section(_)) => {
                self.fault(path, "takes one value, no list and no keys of its own");
            }
        }
    }
}

/// The value with the letters that it is written in.
fn as_written(written: Written) -> Value {
    match written {
        Written::Text(text) => Value::from(text),
        Written::List(entries) => entries.into_iter().map(as_written).collect(),
        Written::Section(entries) => {
            let entries = entries.into_iter();
            Value::Mapping(
                entries
                    .map(|(name, value)| (Value::from(name), as_written(value)))
                    .collect(),
            )
        }
    }
}

fn unknown(meant: Option<&str>) -> String {
    match meant {
        Some(meant) => format!("there is no such key; did you mean {meant}?"),
        None => "there is no such key; `convoke config` prints every key".to_owned(),
    }
}

fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// `text` in the type of `default`; what does not fit stays text, for the message.
fn typed(default: &Value, text: &str) -> Value {
    let resolved = || serde_yaml::from_str(text).unwrap_or_else(|_| Value::from(text));
    match default {
        Value::Sequence(_) => text
            .split(',')
            .map(str::trim)
            .filter(|entry| !is_nothing(entry))
            .map(Value::from)
            .collect(),
        Value::Bool(_) => Some(resolved())
            .filter(Value::is_bool)
            .unwrap_or_else(|| text.into()),
        Value::Number(_) => Some(resolved())
            .filter(Value::is_number)
            .unwrap_or_else(|| text.into()),
        Value::Null | Value::String(_) | Value::Mapping(_) | Value::Tagged(_) => text.into(),
    }
}

fn lookup<'a>(values: &'a Value, key: &str) -> Option<&'a Value> {
    key.split('.')
        .try_fold(values, |value, part| value.get(part))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Sequence(list) => {
            let entries: Option<Vec<String>> = list.iter().map(scalar).collect();
            Some(entries?.join(", "))
        }
        Value::Null | Value::Mapping(_) | Value::Tagged(_) => None,
    }
}

/// Gives `key` its default again; false when there is no such key.
fn reset(values: &mut Value, key: &str) -> bool {
    let defaults = manual::defaults();
    let mut slot = Some(values);
    for part in key.split('.') {
        slot = slot.and_then(|slot| slot.get_mut(part));
    }
    let (Some(slot), Some(default)) = (slot, lookup(&defaults, key)) else {
        return false;
    };
    let changed = slot != default;
    *slot = default.clone();
    changed
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

/// The variable that was meant by one with a single underscore between section and key.
fn meant_variable(name: &str) -> Option<String> {
    name.strip_prefix("CONVOKE_")?;
    let meant = |key: &String| variable_of(key).replace("__", "_") == name;
    manual::keys()
        .iter()
        .find(|key| meant(key))
        .map(|key| variable_of(key))
}

fn variable_of(key: &str) -> String {
    format!("CONVOKE_{}", key.replace('.', "__").to_uppercase())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use secrecy::ExposeSecret;
    use tempfile::NamedTempFile;

    use super::*;
    use crate::config::{EXAMPLE, LiveKitEngine, Registration, Tls};

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
    fn every_key_says_where_its_value_comes_from_and_no_secret_is_told() {
        let file = file(
            "server:\n  port: 81\nlivekit:\n  api_key: k\n  api_secret: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
        );
        let secret = "postgres://u:hush@h/d".to_owned();
        let env = [
            ("CONVOKE_SERVER__HOST".to_owned(), "::1".to_owned()),
            ("CONVOKE_DATABASE__URL".to_owned(), secret),
        ];
        let (_, settings) = Config::load_with_settings(Some(file.path()), env).unwrap();
        let keys: Vec<_> = settings.iter().map(|setting| setting.key.clone()).collect();
        assert_eq!(keys, manual::keys());
        let find = |key: &str| settings.iter().find(|setting| setting.key == key).unwrap();
        let port = find("server.port");
        assert_eq!(
            (&port.value, port.source),
            (&81.into(), SettingSource::File)
        );
        assert!(port.place.ends_with("line 2"), "{}", port.place);
        let host = find("server.host");
        assert_eq!(host.place, "environment variable CONVOKE_SERVER__HOST");
        // Of a section that the file has, too.
        for key in ["rooms.token_minutes", "server.public_url", "livekit.engine"] {
            let setting = find(key);
            let told = (setting.source, setting.place.as_str());
            assert_eq!(told, (SettingSource::Default, "default"), "{key}");
        }
        for key in ["database.url", "livekit.api_secret"] {
            let secret = find(key);
            assert!(
                secret.is_secret && secret.is_set && secret.value.is_null(),
                "{key}"
            );
        }
        assert!(!find("recordings.storage.s3.secret_key").is_set);
        let told = serde_json::to_string(&settings).unwrap();
        assert!(!told.contains("hush") && !told.contains("aaaa"));
        assert!(settings.iter().all(|setting| !setting.about.is_empty()));
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
        assert!(message.starts_with("server.prot ("), "{message}");
        assert!(message.contains("line 3"), "{message}");
        assert!(message.ends_with("did you mean server.port?"), "{message}");
        let message = refusal("sever:\n  port: 80\n", &[]);
        assert!(
            message.starts_with("sever (") && message.contains("line 1"),
            "{message}"
        );
        let message = refusal("", &[("CONVOKE_SERVER__PROT", "81")]);
        assert!(message.contains("server.prot"), "{message}");
        assert!(
            message.contains("environment variable CONVOKE_SERVER__PROT"),
            "{message}"
        );
        assert!(
            message.ends_with("did you mean CONVOKE_SERVER__PORT?"),
            "{message}"
        );
        let message = refusal("", &[("CONVOKE_SERVER_PORT", "81")]);
        assert!(message.ends_with("write CONVOKE_SERVER__PORT"), "{message}");
        // The last one counts, whatever stood there before.
        let said = [
            ("CONVOKE_SERVER__PORT", "x"),
            ("CONVOKE_SERVER__PORT", "81"),
        ];
        let config = load("server:\n  port: y\n", &said).unwrap();
        assert_eq!(config.server.port, 81);
        // Variables for other uses share the prefix.
        assert!(load("", &[("CONVOKE_SERVER_BIN", "x")]).is_ok());
    }

    #[test]
    fn a_refused_value_is_named_with_its_line_or_variable() {
        for (text, key, line) in [
            ("server:\n  port: 70000\n", "server.port", "line 2"),
            ("server:\n  tls: on\n", "server.tls", "line 2"),
            ("server:\n  tls: files\n", "server.cert_file", ""),
            (
                "server:\n  tls: files\n  cert_file: /nowhere\n  key_file: /nowhere\n",
                "server.key_file",
                "cannot read /nowhere: No such file",
            ),
            ("log:\n  level: loud\n", "log.level", "line 2"),
            (
                "livekit:\n  ports:\n    tcp: 8080\n",
                "livekit.ports.tcp",
                "server.port as well",
            ),
            (
                "log:\n  level: info,convoke=loud\n",
                "log.level",
                "error, warn, info",
            ),
            ("log:\n  level: ''\n", "log.level", "line 2"),
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
                "livekit:\n  turn:\n    domain: a b\n",
                "livekit.turn.domain",
                "line 3",
            ),
            (
                "livekit:\n  turn:\n    cert_file: /nowhere\n",
                "livekit.turn.key_file",
                "must be set as well",
            ),
            (
                "livekit:\n  turn_server:\n    host: turn.example.org\n",
                "livekit.turn_server.secret",
                "must be set when",
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
            let fault = message
                .lines()
                .find(|fault| fault.trim_start().starts_with(&format!("{key} (")))
                .unwrap_or_else(|| panic!("{key}: {message}"));
            assert!(fault.contains(line), "{message}");
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
    fn a_secret_is_what_is_written_wherever_it_is_written() {
        for secret in [
            "12345678901234567890123456789012",
            "0x345678901234567890123456789012ab",
            "0123456789012345678901234567890123",
            "12345678901234567890123456789e12",
            "1_000_000_000_000_000_000_000_000_000",
            "2026-11-28T12:30:45.123456789+00:00",
            "+1234567890123456789012345678901.50",
        ] {
            let twin = file(&format!("{secret}\n"));
            let twin = twin.path().display();
            let ways = [
                format!("api_secret: {secret}"),
                format!("api_secret_file: {twin}"),
            ];
            for way in ways {
                let text = format!("livekit:\n  api_key: 0x10\n  {way}\n");
                let livekit = load(&text, &[]).unwrap().livekit;
                assert_eq!(livekit.api_secret.unwrap().expose_secret(), secret);
                assert_eq!(livekit.api_key.unwrap(), "0x10");
            }
            let env = [
                ("CONVOKE_LIVEKIT__API_KEY", "1.50"),
                ("CONVOKE_LIVEKIT__API_SECRET", secret),
            ];
            let config = load("", &env).unwrap();
            assert!(!format!("{config:?}").contains(secret));
            assert_eq!(config.livekit.api_secret.unwrap().expose_secret(), secret);
            assert_eq!(config.livekit.api_key.unwrap(), "1.50");
        }
        for word in ["null", "true", "~", "1e3"] {
            let message = refusal(
                &format!("livekit: {{api_key: k, api_secret: {word}}}\n"),
                &[],
            );
            assert!(message.contains("at least 32 characters"), "{message}");
        }
    }

    #[test]
    fn no_message_shows_a_secret() {
        const SECRET: &str = "ff00ff00-my-secret";
        for text in [
            "database:\n  url: SECRET\n",
            "livekit:\n  api_secret: SECRET\n",
            "livekit:\n  api_secret:SECRET\n",
            "livekit: {api_secret:SECRET}\n",
            "livekit:\n  api_secret: [SECRET]\n",
            "livekit:\n  api_secret: {SECRET: x}\n",
            "livekit:\n  api_secret: {x: SECRET}\n",
            "livekit:\n  api_secret: !SECRET x\n",
            "livekit:\n  api_secret: *SECRET\n",
            "livekit:\n  api_secret: \"SECRET\n",
            "livekit:\n  api_secret: @SECRET\n",
            "livekit:\n  api_secret: SECRET: x\n",
            "livekit:\n  - SECRET\n",
            "livekit:\n  api_secret: SECRET\n  api_secret: SECRET\n",
        ] {
            let message = refusal(&text.replace("SECRET", SECRET), &[]);
            assert!(!message.contains(SECRET), "{message}");
        }
        let url = format!("mysql://root:{SECRET}@db/x");
        let message = refusal("", &[("CONVOKE_DATABASE__URL", url.as_str())]);
        assert!(!message.contains(SECRET), "{message}");
    }

    #[test]
    fn every_fault_is_reported_at_once_in_plain_words() {
        let path = file(
            "server:\n  prot: 80\n  port: 70000\n  tls: self_signed\nrooms:\n  guests_allowed: sometimes\n\
             auth:\n  session_days: 0\n  invite_days: 0\nlivekit:\n  node_ip: here\n  ports: [1]\n\
             log: loud\nport: 1\n",
        );
        let shown = path.path().display();
        let env = [("CONVOKE_LOG__FORMAT".to_owned(), "xml".to_owned())];
        let message = Config::load(Some(path.path()), env)
            .unwrap_err()
            .to_string();
        let expected = [
            "the configuration has 11 faults:".to_owned(),
            format!("server.prot ({shown} line 2): there is no such key; did you mean server.port?"),
            format!("livekit.ports ({shown} line 12): keys with values are missing here, such as `port: 8080` below `server:`"),
            format!("log ({shown} line 13): keys with values are missing here, such as `port: 8080` below `server:`"),
            format!("port ({shown} line 14): there is no such key; did you mean server.port?"),
            format!("server.port ({shown} line 3): \"70000\" is not allowed; allowed: 0 to 65535"),
            format!("server.tls ({shown} line 4): \"self_signed\" is not allowed; allowed: off, self-signed, files, acme; did you mean self-signed?"),
            format!("livekit.node_ip ({shown} line 11): \"here\" is not allowed; allowed: an IPv4 or IPv6 address"),
            format!("rooms.guests_allowed ({shown} line 6): \"sometimes\" is not allowed; allowed: true, false"),
            "log.format (environment variable CONVOKE_LOG__FORMAT): \"xml\" is not allowed; allowed: text for people, json for collectors".to_owned(),
            format!("auth.session_days ({shown} line 8): must be between 1 and 365"),
            format!("auth.invite_days ({shown} line 9): must be between 1 and 365"),
        ];
        assert_eq!(message, expected.join("\n  "));
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
            message.starts_with("database.url_file (") && message.contains("cannot read /nowhere"),
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
            message.starts_with("/nowhere.yaml: cannot be read"),
            "{message}"
        );
    }
}
