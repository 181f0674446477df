//! `webhook`: where events are delivered.

use livekit_wire::ApiKeys;
use reqwest::Url;
use serde::Deserialize;

use super::ConfigError;

/// Where events are delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct WebHook {
    /// Each gets every event.
    pub urls: Vec<String>,
    /// The key whose secret signs deliveries.
    pub api_key: String,
    /// Which events.
    pub filter_params: FilterParams,
    /// How much may wait.
    pub resource_url_notifier: ResourceUrlNotifier,
}

/// Includes win; both empty allow every event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct FilterParams {
    /// If not empty, only these events.
    pub include_events: Vec<String>,
    /// Not these events.
    pub exclude_events: Vec<String>,
}

impl FilterParams {
    /// Whether an event of this name is delivered.
    pub fn allows(&self, event: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|name| name == event);
        if self.include_events.is_empty() {
            !named(&self.exclude_events)
        } else {
            named(&self.include_events)
        }
    }
}

/// How much may wait for a receiver that does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ResourceUrlNotifier {
    /// Events of one room.
    pub max_depth: usize,
}

impl Default for ResourceUrlNotifier {
    fn default() -> Self {
        Self { max_depth: 200 }
    }
}

impl WebHook {
    pub(super) fn check(&self, keys: &ApiKeys) -> Result<(), ConfigError> {
        if self.urls.is_empty() {
            return Ok(());
        }
        if self.api_key.is_empty() {
            return Err(ConfigError::refused(
                "webhook.api_key",
                "is required to use webhooks",
            ));
        }
        if keys.secret(&self.api_key).is_none() {
            return Err(ConfigError::refused(
                "webhook.api_key",
                format!("{:?} is not in keys", self.api_key),
            ));
        }
        for url in &self.urls {
            let ok = Url::parse(url)
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            if !ok {
                return Err(ConfigError::refused(
                    "webhook.urls",
                    format!("{url:?} is not an HTTP address"),
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn includes_win_over_excludes() {
        let list = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let filter = |include: &[&str], exclude: &[&str]| FilterParams {
            include_events: list(include),
            exclude_events: list(exclude),
        };
        assert!(filter(&[], &[]).allows("room_started"));
        assert!(!filter(&[], &["room_started"]).allows("room_started"));
        assert!(filter(&["room_started"], &["room_started"]).allows("room_started"));
        assert!(!filter(&["room_started"], &[]).allows("room_finished"));
    }
}
