//! One Twirp call: a protobuf request, a protobuf answer, and errors that keep their meaning.
//! Our own because livekit-api's client is private and loses the status of non-Twirp answers.

use http::{StatusCode, header};
use prost::Message;
use serde::Deserialize;

use super::{LiveKit, LiveKitError, token::Grant};
use crate::clock::Timestamp;

// LiveKit's own bound on API bodies is 10 MiB; a listing of 10,000 participants stays below.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

#[derive(Deserialize)]
struct TwirpError {
    code: String,
    #[serde(default)]
    msg: String,
}

impl LiveKit {
    /// Calls `livekit.RoomService/<method>` with a token that carries only `grant`.
    pub(super) async fn call<Answer: Message + Default>(
        &self,
        method: &str,
        grant: Grant<'_>,
        request: &impl Message,
        now: Timestamp,
    ) -> Result<Answer, LiveKitError> {
        let token = self.api_token(grant, now)?;
        let url = self.api_url(&format!("twirp/livekit.RoomService/{method}"));
        let mut response = self
            .api
            .post(url)
            .header(header::CONTENT_TYPE, "application/protobuf")
            .bearer_auth(token)
            .body(request.encode_to_vec())
            .send()
            .await
            .map_err(transport_error)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(transport_error)? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(LiveKitError::BadAnswer(format!(
                    "{method}: more than 16 MiB"
                )));
            }
            body.extend_from_slice(&chunk);
        }
        if status == StatusCode::OK {
            Answer::decode(body.as_slice())
                .map_err(|error| LiveKitError::BadAnswer(format!("{method}: {error}")))
        } else {
            Err(refusal(method, status, &body))
        }
    }

    /// The address of `path` below the endpoint's base, which may itself have a path.
    pub(super) fn api_url(&self, path: &str) -> url::Url {
        let mut url = self.endpoint.internal_url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        url
    }
}

/// A failure below HTTP; the address stays out of the text.
pub(super) fn transport_error(error: reqwest::Error) -> LiveKitError {
    if error.is_timeout() {
        return LiveKitError::Timeout;
    }
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    LiveKitError::Unreachable(text)
}

fn refusal(method: &str, status: StatusCode, body: &[u8]) -> LiveKitError {
    let Ok(error) = serde_json::from_slice::<TwirpError>(body) else {
        return match status {
            // A wrong secret is answered in plain text, before Twirp sees the request.
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => LiveKitError::Unauthenticated,
            StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => {
                LiveKitError::Unreachable(format!("{method}: status {status}"))
            }
            _ => LiveKitError::BadAnswer(format!("{method}: status {status}")),
        };
    };
    match error.code.as_str() {
        "unauthenticated" | "permission_denied" => LiveKitError::Unauthenticated,
        "not_found" => LiveKitError::NotFound,
        "deadline_exceeded" => LiveKitError::Timeout,
        "unavailable" => LiveKitError::Unreachable(error.msg),
        _ => LiveKitError::Refused {
            code: error.code,
            message: error.msg,
        },
    }
}
