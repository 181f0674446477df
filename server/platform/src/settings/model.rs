//! What can be set while the site runs, with the keys of the configuration that it goes before; knows neither HTTP nor SQL.
#![expect(
    clippy::option_option,
    reason = "left out, null and a value are three things, in words that garde and utoipa know"
)]

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{ToSchema, openapi::Object};

use crate::{
    clock::Timestamp,
    config::{Config, LONGEST_SITE_NAME, Registration},
    db::text_enum,
    http::{given, openapi},
    recordings::LONGEST_KEPT,
    rooms::MOST_SEATS,
};

text_enum! {
    /// One of them: the key of the configuration that it goes before.
    SettingKey {
        SiteName => "server.site_name",
        Registration => "auth.registration",
        GuestsAllowed => "rooms.guests_allowed",
        MaxParticipants => "rooms.max_participants",
        KeepRecordingsDays => "recordings.keep_days",
    }
}

/// A value for each of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SiteSettings {
    /// What the site calls itself.
    pub site_name: String,
    /// Who may have an account.
    pub registration: Registration,
    /// Whether a new room lets people without an account in.
    pub guests_allowed: bool,
    /// Most people in the call of a new room; 0 = no limit.
    pub max_participants: u32,
    /// Days that a recording is kept after it ended; 0 = for ever.
    pub keep_recordings_days: u32,
}

impl SiteSettings {
    /// As the configuration says.
    pub fn configured(config: &Config) -> SiteSettings {
        SiteSettings {
            site_name: config.server.site_name.clone(),
            registration: config.auth.registration,
            guests_allowed: config.rooms.guests_allowed,
            max_participants: config.rooms.max_participants,
            keep_recordings_days: config.recordings.keep_days,
        }
    }

    /// The same with what was changed.
    pub fn with(mut self, changed: &[Changed]) -> SiteSettings {
        for Changed { key, value, .. } in changed {
            self.put(*key, value);
        }
        self
    }

    /// Takes a value as JSON; one that this version does not understand leaves things as they are.
    pub fn put(&mut self, key: SettingKey, value: &str) {
        match key {
            SettingKey::SiteName => take(&mut self.site_name, value),
            SettingKey::Registration => take(&mut self.registration, value),
            SettingKey::GuestsAllowed => take(&mut self.guests_allowed, value),
            SettingKey::MaxParticipants => take(&mut self.max_participants, value),
            SettingKey::KeepRecordingsDays => take(&mut self.keep_recordings_days, value),
        }
    }
}

fn take<Value: for<'a> Deserialize<'a>>(value: &mut Value, json: &str) {
    match serde_json::from_str(json) {
        Ok(read) => *value = read,
        Err(error) => tracing::debug!(%error, "a setting is of another version"),
    }
}

/// A setting that somebody changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub key: SettingKey,
    /// JSON.
    pub value: String,
    pub updated_at: Timestamp,
    /// Whoever did, as they were called then.
    pub updated_by_name: String,
}

/// What is to be different: a value goes before the configuration's, `null` gives the setting back to it, what is left out
/// stays.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSettings {
    #[garde(inner(inner(length(chars, min = 1, max = LONGEST_SITE_NAME))))]
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = site_name)]
    pub site_name: Option<Option<String>>,
    #[garde(skip)]
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Registration>)]
    pub registration: Option<Option<Registration>>,
    #[garde(skip)]
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>)]
    pub guests_allowed: Option<Option<bool>>,
    #[garde(inner(inner(range(max = MOST_SEATS))))]
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = participants)]
    pub max_participants: Option<Option<u32>>,
    #[garde(inner(inner(range(max = LONGEST_KEPT))))]
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = kept)]
    pub keep_recordings_days: Option<Option<u32>>,
}

impl UpdateSettings {
    /// Each change: a value as JSON, or the setting given back.
    pub fn changes(self) -> serde_json::Result<Vec<(SettingKey, Option<String>)>> {
        let mut changes = Vec::new();
        note(&mut changes, SettingKey::SiteName, self.site_name)?;
        note(&mut changes, SettingKey::Registration, self.registration)?;
        note(&mut changes, SettingKey::GuestsAllowed, self.guests_allowed)?;
        note(
            &mut changes,
            SettingKey::MaxParticipants,
            self.max_participants,
        )?;
        note(
            &mut changes,
            SettingKey::KeepRecordingsDays,
            self.keep_recordings_days,
        )?;
        Ok(changes)
    }
}

fn note<Value: Serialize>(
    changes: &mut Vec<(SettingKey, Option<String>)>,
    key: SettingKey,
    change: Option<Option<Value>>,
) -> serde_json::Result<()> {
    if let Some(value) = change {
        let value = value.map(|value| serde_json::to_string(&value));
        changes.push((key, value.transpose()?));
    }
    Ok(())
}

fn site_name() -> Object {
    openapi::or_null(openapi::text(1..=LONGEST_SITE_NAME).pattern(Some(r"\S")))
}

fn participants() -> Object {
    openapi::number_or_null(MOST_SEATS)
}

fn kept() -> Object {
    openapi::number_or_null(LONGEST_KEPT)
}
