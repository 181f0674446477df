//! Reads LiveKit's configuration where somebody wrote it by hand. No secret of it is kept or told.

use std::{collections::BTreeMap, fs, path::Path};

use doctor::facts::{FileKeys, MediaFile};
use livekit_supervisor::ApiKeys;
use livekit_wire::secret_file::without_values;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_yaml::Value;

/// What livekit-server 1.12 and later know at the top of their file (`pkg/config/config.go`); others it refuses.
const KNOWN: [&str; 33] = [
    "port",
    "prometheus_port",
    "prometheus",
    "bind_addresses",
    "environment",
    "rtc",
    "redis",
    "audio",
    "video",
    "room",
    "turn",
    "ingress",
    "sip",
    "webhook",
    "node_selector",
    "key_file",
    "keys",
    "region",
    "signal_relay",
    "psrpc",
    "log_level",
    "logging",
    "limit",
    "agents",
    "development",
    "metric",
    "trace",
    "node_stats",
    "api",
    "egress",
    "enable_data_tracks",
    "datastream",
    "tracing",
];
/// Where our door for webhooks is.
const WEBHOOK: &str = "/api/livekit/webhook";

/// Texts that look like numbers are texts here, as they are for livekit-server.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Texts {
    keys: BTreeMap<String, String>,
    key_file: Option<String>,
    webhook: WebhookTexts,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WebhookTexts {
    api_key: String,
    urls: Vec<String>,
}

/// What is in the file. `official`: livekit-server is going to read it, which refuses keys that it does not know.
pub fn read(path: &Path, ours: Option<&ApiKeys>, official: bool) -> MediaFile {
    let file = MediaFile {
        path: path.display().to_string(),
        ..MediaFile::default()
    };
    let unreadable = |why: String| MediaFile {
        unreadable: Some(why),
        ..file.clone()
    };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return unreadable(error.to_string()),
    };
    let value: Value = match serde_yaml::from_str(&text) {
        Ok(value @ Value::Mapping(_)) => value,
        Ok(_) => return unreadable("it is no list of keys and values".to_owned()),
        Err(error) => return unreadable(without_values(&error)),
    };
    let texts: Texts = match serde_yaml::from_str(&text) {
        Ok(texts) => texts,
        Err(error) => return unreadable(without_values(&error)),
    };
    let (rtc, turn) = (&value["rtc"], &value["turn"]);
    let timeouts = ["empty_timeout", "departure_timeout"];
    let timeouts = timeouts.map(|name| value["room"][name].as_u64());
    MediaFile {
        top_level_tls: !value["tls"].is_null(),
        unknown: if official {
            unknown(&value)
        } else {
            Vec::new()
        },
        external_ip_alone: is_on(&rtc["use_external_ip"]) && text_of(&rtc["node_ip"]).is_none(),
        node_ip: text_of(&rtc["node_ip"]),
        turn_tls: is_on(&turn["enabled"]) && turn["tls_port"].as_u64().is_some_and(|it| it > 0),
        turn_domain: text_of(&turn["domain"]).is_some(),
        turn_certificate: is_on(&turn["external_tls"])
            || (text_of(&turn["cert_file"]).is_some() && text_of(&turn["key_file"]).is_some()),
        webhook_url: texts.webhook.urls.iter().any(|url| url.ends_with(WEBHOOK)),
        webhook_key: ours.is_none_or(|ours| ours.api_key == texts.webhook.api_key),
        keys: keys(texts, ours),
        redis: text_of(&value["redis"]["address"]),
        empty_for: timeouts.into_iter().flatten().max(),
        ..file
    }
}

fn unknown(value: &Value) -> Vec<String> {
    let names = value.as_mapping().into_iter().flatten();
    let names = names.filter_map(|(name, _)| name.as_str());
    let unknown = names.filter(|name| *name != "tls" && !KNOWN.contains(name));
    unknown.map(str::to_owned).collect()
}

fn is_on(value: &Value) -> bool {
    value.as_bool() == Some(true)
}

fn text_of(value: &Value) -> Option<String> {
    let text = value.as_str().filter(|text| !text.is_empty())?;
    Some(text.to_owned())
}

fn keys(texts: Texts, ours: Option<&ApiKeys>) -> FileKeys {
    let pairs = match &texts.key_file {
        Some(path) => fs::read_to_string(path)
            .ok()
            .and_then(|text| serde_yaml::from_str(&text).ok())
            .unwrap_or_default(),
        None => texts.keys,
    };
    if pairs.is_empty() {
        return FileKeys::None;
    }
    // Without keys of our own the file's first pair is taken.
    let Some(ours) = ours else {
        return FileKeys::Ours;
    };
    match pairs.get(&ours.api_key) {
        None => FileKeys::Missing,
        Some(secret) if secret == ours.api_secret.expose_secret() => FileKeys::Ours,
        Some(_) => FileKeys::OtherSecret,
    }
}
