//! The query parameters of `/rtc` and its relatives, as Go's form parser would read them: the first value counts, a
//! broken one counts as absent.

use std::collections::HashMap;

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use livekit_protocol::{
    ClientInfo, ReconnectReason,
    client_info::{Capability, Sdk},
};

/// SDKs differ in whether they pad.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Everything a client may say in the query; what it means is up to the endpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectParams {
    /// The token, when it is not in the `Authorization` header.
    pub access_token: Option<String>,
    /// v1: see [`super::decode_join_request`].
    pub join_request: Option<String>,
    /// Default true.
    pub auto_subscribe: bool,
    /// Default: as `auto_subscribe`.
    pub auto_subscribe_data_track: Option<bool>,
    /// The client switches layers by the size of its video elements.
    pub adaptive_stream: bool,
    /// The client wants to resume the session of `participant_sid`.
    pub reconnect: bool,
    /// `sid`: only of meaning with `reconnect`.
    pub participant_sid: Option<String>,
    /// Why it reconnects.
    pub reconnect_reason: ReconnectReason,
    /// Join as a second, publish-only participant of this suffix.
    pub publish: Option<String>,
    /// See [`Self::decode_attributes`].
    pub attributes: Option<String>,
    /// The client cannot do with an ICE-lite server.
    pub disable_ice_lite: bool,
    /// Default: the server's.
    pub subscriber_allow_pause: Option<bool>,
    /// What the client says about itself; its address is not among that.
    pub client: ClientInfo,
}

/// The `attributes` parameter is not base64url of a JSON object of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot decode attributes")]
pub struct AttributesError;

impl ConnectParams {
    /// Reads a query string, without its `?`.
    pub fn parse(query: &str) -> Self {
        let mut values: HashMap<String, String> = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            values
                .entry(name.into_owned())
                .or_insert_with(|| value.into_owned());
        }
        let mut take = |name: &str| values.remove(name).filter(|value| !value.is_empty());
        Self {
            access_token: take("access_token"),
            join_request: take("join_request"),
            auto_subscribe: take("auto_subscribe").is_none_or(|value| is_true(&value)),
            auto_subscribe_data_track: take("auto_subscribe_data_track")
                .map(|value| is_true(&value)),
            adaptive_stream: take("adaptive_stream").is_some_and(|value| is_true(&value)),
            reconnect: take("reconnect").is_some_and(|value| is_true(&value)),
            participant_sid: take("sid"),
            reconnect_reason: take("reconnect_reason")
                .and_then(|value| value.parse::<i32>().ok())
                .and_then(|number| ReconnectReason::try_from(number).ok())
                .unwrap_or(ReconnectReason::RrUnknown),
            publish: take("publish"),
            attributes: take("attributes"),
            disable_ice_lite: take("disable_ice_lite").is_some_and(|value| is_true(&value)),
            subscriber_allow_pause: take("subscriber_allow_pause").map(|value| is_true(&value)),
            client: client_info(take),
        }
    }

    /// The attributes the client wants to have; none when the parameter is absent.
    pub fn decode_attributes(&self) -> Result<HashMap<String, String>, AttributesError> {
        let Some(packed) = &self.attributes else {
            return Ok(HashMap::new());
        };
        let json = BASE64.decode(packed).map_err(|_| AttributesError)?;
        serde_json::from_slice(&json).map_err(|_| AttributesError)
    }
}

fn is_true(value: &str) -> bool {
    value == "1" || value == "true"
}

fn client_info(mut take: impl FnMut(&str) -> Option<String>) -> ClientInfo {
    let mut number = |name: &str| take(name).and_then(|value| value.parse().ok()).unwrap_or(0);
    let (protocol, client_protocol) = (number("protocol"), number("client_protocol"));
    let capabilities = take("capabilities").unwrap_or_default();
    let mut text = |name: &str| take(name).unwrap_or_default();
    ClientInfo {
        sdk: sdk(&text("sdk")).into(),
        version: text("version"),
        protocol,
        os: text("os"),
        os_version: text("os_version"),
        device_model: text("device_model"),
        browser: text("browser"),
        browser_version: text("browser_version"),
        address: String::new(),
        network: text("network"),
        other_sdks: text("other_sdks"),
        client_protocol,
        capabilities: capabilities
            .split(',')
            .filter_map(|name| Capability::from_str_name(name.trim()))
            .map(i32::from)
            .collect(),
    }
}

fn sdk(name: &str) -> Sdk {
    match name {
        "js" => Sdk::Js,
        "ios" | "swift" => Sdk::Swift,
        "android" => Sdk::Android,
        "flutter" => Sdk::Flutter,
        "go" => Sdk::Go,
        "unity" => Sdk::Unity,
        "reactnative" => Sdk::ReactNative,
        "rust" => Sdk::Rust,
        "python" => Sdk::Python,
        "cpp" => Sdk::Cpp,
        "unityweb" => Sdk::UnityWeb,
        "node" => Sdk::Node,
        "esp32" => Sdk::Esp32,
        _ => Sdk::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_livekit_client_sends_is_understood() {
        let params = ConnectParams::parse(
            "access_token=t.o.k&auto_subscribe=1&sdk=js&version=2.23.0&protocol=17&client_protocol=2&browser=Chrome&\
             browser_version=156.0&os=Linux&adaptive_stream=1&reconnect=1&sid=PA_1&reconnect_reason=2&network=wifi",
        );
        assert_eq!(params.access_token.as_deref(), Some("t.o.k"));
        assert!(params.auto_subscribe && params.adaptive_stream && params.reconnect);
        assert_eq!(params.participant_sid.as_deref(), Some("PA_1"));
        assert_eq!(params.reconnect_reason, ReconnectReason::RrPublisherFailed);
        assert_eq!(
            (
                params.client.sdk(),
                params.client.protocol,
                params.client.client_protocol
            ),
            (Sdk::Js, 17, 2)
        );
        assert_eq!(params.client.browser, "Chrome");
    }

    #[test]
    fn nothing_said_means_subscribe_to_everything_and_nothing_else() {
        let params = ConnectParams::parse("");
        assert!(params.auto_subscribe);
        assert!(!params.reconnect && !params.adaptive_stream && !params.disable_ice_lite);
        assert_eq!(
            (
                params.subscriber_allow_pause,
                params.auto_subscribe_data_track
            ),
            (None, None)
        );
        assert!(!ConnectParams::parse("auto_subscribe=0").auto_subscribe);
        assert!(!ConnectParams::parse("auto_subscribe=yes").auto_subscribe);
    }

    #[test]
    fn the_first_value_counts_and_escapes_are_undone() {
        let params = ConnectParams::parse("os=a%20b+c&os=z&reconnect_reason=x&protocol=1e3");
        assert_eq!(params.client.os, "a b c");
        assert_eq!(
            (params.reconnect_reason, params.client.protocol),
            (ReconnectReason::RrUnknown, 0)
        );
    }

    #[test]
    fn attributes_are_base64_of_json_texts() {
        let read = |query: &str| ConnectParams::parse(query).decode_attributes();
        assert_eq!(read(""), Ok(HashMap::new()));
        assert_eq!(
            read("attributes=eyJhIjoiYiJ9"),
            Ok([("a".to_owned(), "b".to_owned())].into())
        );
        assert_eq!(read("attributes=zzz"), Err(AttributesError));
        assert_eq!(read("attributes=eyJhIjoxfQ"), Err(AttributesError));
    }

    proptest! {
        #[test]
        fn garbage_never_panics(query in ".{0,300}") {
            let _ = ConnectParams::parse(&query).decode_attributes();
        }
    }
}
