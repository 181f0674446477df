//! What stands in the address of a signal socket: who comes, and how it wants to take part.

use base64::{Engine, prelude::BASE64_URL_SAFE};
use livekit_client::signal_address;
use livekit_protocol as proto;
use prost::Message;
use url::Url;

use super::SignalError;
use crate::options::SignalMode;

/// The newest version of the client protocol whose gated features are understood here.
const PROTOCOL: i32 = 16;

/// A stay to come back to.
#[derive(Debug, Clone)]
pub(crate) struct Resume {
    pub participant_sid: String,
    pub reason: proto::ReconnectReason,
}

/// What a signal socket is opened for.
#[derive(Debug, Clone)]
pub(crate) struct Opening {
    pub mode: SignalMode,
    pub token: String,
    pub auto_subscribe: bool,
    /// With [`SignalMode::Single`]: the client's offer comes with the request.
    pub offer: Option<proto::SessionDescription>,
    pub resume: Option<Resume>,
}

impl Opening {
    pub(super) fn address(&self, server: &Url) -> Result<Url, SignalError> {
        let mut url =
            signal_address(server.clone()).map_err(|_| SignalError::Url(server.clone()))?;
        let path = match self.mode {
            SignalMode::Single => "rtc/v1",
            SignalMode::Dual => "rtc",
        };
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        url.query_pairs_mut()
            .append_pair("access_token", &self.token);
        match self.mode {
            SignalMode::Single => {
                let request = self.join_request().encode_to_vec();
                let wrapped = proto::WrappedJoinRequest {
                    compression: proto::wrapped_join_request::Compression::None.into(),
                    join_request: request,
                };
                let wrapped = BASE64_URL_SAFE.encode(wrapped.encode_to_vec());
                url.query_pairs_mut().append_pair("join_request", &wrapped);
            }
            SignalMode::Dual => {
                let auto_subscribe = if self.auto_subscribe { "1" } else { "0" };
                url.query_pairs_mut()
                    .append_pair("auto_subscribe", auto_subscribe)
                    .append_pair("sdk", "rust")
                    .append_pair("protocol", &PROTOCOL.to_string());
                if let Some(resume) = &self.resume {
                    let reason = i32::from(resume.reason).to_string();
                    url.query_pairs_mut()
                        .append_pair("reconnect", "1")
                        .append_pair("sid", &resume.participant_sid)
                        .append_pair("reconnect_reason", &reason);
                }
            }
        }
        Ok(url)
    }

    fn join_request(&self) -> proto::JoinRequest {
        let resume = self.resume.as_ref();
        proto::JoinRequest {
            client_info: Some(proto::ClientInfo {
                sdk: proto::client_info::Sdk::Rust.into(),
                protocol: PROTOCOL,
                ..Default::default()
            }),
            connection_settings: Some(proto::ConnectionSettings {
                auto_subscribe: self.auto_subscribe,
                ..Default::default()
            }),
            publisher_offer: self.offer.clone(),
            reconnect: resume.is_some(),
            reconnect_reason: resume.map_or(0, |resume| resume.reason.into()),
            participant_sid: resume
                .map_or_else(String::new, |resume| resume.participant_sid.clone()),
            ..Default::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(mode: SignalMode) -> Opening {
        Opening {
            mode,
            token: "abc".to_owned(),
            auto_subscribe: false,
            offer: None,
            resume: Some(Resume {
                participant_sid: "PA_x".to_owned(),
                reason: proto::ReconnectReason::RrSignalDisconnected,
            }),
        }
    }

    #[test]
    fn a_server_behind_a_path_is_asked_there() {
        let server: Url = "https://meet.example/livekit/".parse().unwrap();
        let url = opening(SignalMode::Dual).address(&server).unwrap();
        assert_eq!(
            url.as_str(),
            "wss://meet.example/livekit/rtc?access_token=abc&auto_subscribe=0&sdk=rust&protocol=16\
             &reconnect=1&sid=PA_x&reconnect_reason=1"
        );
    }

    #[test]
    fn one_peer_connection_is_asked_for_with_a_join_request() {
        let server: Url = "ws://127.0.0.1:7880".parse().unwrap();
        let url = opening(SignalMode::Single).address(&server).unwrap();
        assert_eq!(url.path(), "/rtc/v1");
        let (_, wrapped) = url
            .query_pairs()
            .find(|(key, _)| key == "join_request")
            .unwrap();
        let bytes = BASE64_URL_SAFE.decode(wrapped.as_bytes()).unwrap();
        let wrapped = proto::WrappedJoinRequest::decode(bytes.as_slice()).unwrap();
        let request = proto::JoinRequest::decode(wrapped.join_request.as_slice()).unwrap();
        assert!(request.reconnect);
        assert_eq!(request.participant_sid, "PA_x");
        assert!(!request.connection_settings.unwrap().auto_subscribe);
    }
}
