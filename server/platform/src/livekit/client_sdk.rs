//! Which SDK a client of the signal socket says that it is, in words of a closed list.

use std::fmt;

use http::Uri;
use livekit_protocol::client_info::Sdk;
use livekit_wire::connect::{ConnectParams, decode_join_request};

/// One of LiveKit's SDKs; in lower case, such as `js` or `react_native`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientSdk(Sdk);

impl fmt::Display for ClientSdk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.as_str_name().to_ascii_lowercase())
    }
}

impl ClientSdk {
    /// livekit-client, in a browser.
    #[cfg(test)]
    pub const JS: ClientSdk = ClientSdk(Sdk::Js);

    /// Of a request that opens the signal socket for somebody who comes; `None` for one who comes back, or asks only
    /// whether their token is good.
    pub fn of_newcomer(uri: &Uri) -> Option<ClientSdk> {
        if uri.path().ends_with("/validate") {
            return None;
        }
        let params = ConnectParams::parse(uri.query().unwrap_or_default());
        let (sdk, comes_back) = match &params.join_request {
            Some(request) => {
                let request = decode_join_request(request).ok()?;
                let client = request.client_info.unwrap_or_default();
                (client.sdk(), request.reconnect)
            }
            None => (params.client.sdk(), params.reconnect),
        };
        (!comes_back).then_some(ClientSdk(sdk))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(uri: &str) -> Option<String> {
        ClientSdk::of_newcomer(&uri.parse().unwrap()).map(|sdk| sdk.to_string())
    }

    #[test]
    fn only_those_who_come_are_told() {
        let js = Some("js".to_owned());
        assert_eq!(of("/rtc?access_token=x&sdk=js&protocol=16"), js);
        let python = Some("python".to_owned());
        assert_eq!(of("/rtc?access_token=x&sdk=python"), python);
        assert_eq!(of("/rtc?access_token=x"), Some("unknown".to_owned()));
        assert_eq!(of("/rtc?access_token=x&sdk=js&reconnect=1"), None);
        assert_eq!(of("/rtc/validate?access_token=x&sdk=js"), None);
        assert_eq!(of("/rtc/v1?join_request=nonsense"), None);
    }
}
