//! One key of the configuration as it is in force, for people: its value, where that comes from, what it is for. Of a secret
//! only whether there is one.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::manual;

/// A key of the configuration as it is in force.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Setting {
    /// Such as `server.port`.
    pub key: String,
    /// Text, number, truth or list; `null` for a secret.
    pub value: Value,
    /// As the manual has it; `null` for a secret.
    pub default: Value,
    /// Secrets are not told.
    pub is_secret: bool,
    /// Whether it has a value at all.
    pub is_set: bool,
    /// Who set it.
    pub source: SettingSource,
    /// Name and line of the file, the variable, or who changed it; empty for defaults.
    pub place: String,
    /// What the manual says.
    pub about: String,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettingSource {
    /// Nobody.
    Default,
    /// The configuration file.
    File,
    /// Or an option of the command line.
    Environment,
    /// An administrator, while the site runs.
    Administrator,
}

impl Setting {
    /// The key with this value.
    pub(super) fn of(
        key: &str,
        value: &serde_yaml::Value,
        default: &serde_yaml::Value,
        (source, place): (SettingSource, String),
    ) -> Setting {
        let is_secret = manual::is_secret(key);
        let shown = |value: &serde_yaml::Value| {
            if is_secret {
                Value::Null
            } else {
                // Scalars and lists of them are JSON as well.
                serde_json::to_value(named(value)).unwrap_or_default()
            }
        };
        Setting {
            key: key.to_owned(),
            value: shown(value),
            default: shown(default),
            is_secret,
            is_set: !is_nothing(value),
            source,
            place,
            about: manual::about(key),
        }
    }
}

/// Of entries with keys of their own only their names: what else they say may be long, or a secret.
fn named(value: &serde_yaml::Value) -> serde_yaml::Value {
    match value {
        serde_yaml::Value::Sequence(entries) => entries.iter().map(named).collect(),
        serde_yaml::Value::Mapping(entry) => entry.get("name").cloned().unwrap_or_default(),
        value => value.clone(),
    }
}

fn is_nothing(value: &serde_yaml::Value) -> bool {
    match value {
        serde_yaml::Value::Null => true,
        serde_yaml::Value::String(text) => text.is_empty(),
        serde_yaml::Value::Sequence(entries) => entries.is_empty(),
        _ => false,
    }
}
