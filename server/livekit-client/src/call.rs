//! One Twirp call: a token that grants only this, a protobuf request, a protobuf answer, errors that keep their meaning.

use std::time::{Duration, SystemTime};

use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use prost::Message;

use crate::{CallError, Endpoint, Grant, Method};

const TOKEN_LIFE: Duration = Duration::from_mins(1);
/// LiveKit's own bound on API bodies is 10 MiB; a listing of 10,000 participants stays below.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;
const PROTOBUF: HeaderValue = HeaderValue::from_static("application/protobuf");

/// Calls the services of one server.
#[derive(Debug, Clone)]
pub struct Client {
    endpoint: Endpoint,
    http: reqwest::Client,
    largest_answer: usize,
}

impl Client {
    /// Calls nobody yet. How long a call may take is up to `http`; it should follow no redirects, for the tokens are
    /// nobody else's business.
    pub fn new(endpoint: Endpoint, http: reqwest::Client) -> Self {
        Self {
            endpoint,
            http,
            largest_answer: LARGEST_ANSWER,
        }
    }

    /// The same, that reads no answer of more bytes.
    #[must_use]
    pub fn with_largest_answer(mut self, bytes: usize) -> Self {
        self.largest_answer = bytes;
        self
    }

    /// Whom it calls.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Calls `method`; the token is made `now` and good for a minute.
    pub async fn call<Request: Message, Answer: Message + Default>(
        &self,
        method: Method<Request, Answer>,
        grant: Grant<'_>,
        request: &Request,
        now: SystemTime,
    ) -> Result<Answer, CallError> {
        let Method { service, name, .. } = method;
        let token = self.endpoint.sign(&grant.claims(), now, TOKEN_LIFE)?;
        let mut response = self
            .http
            .post(self.endpoint.address_of(&format!("twirp/{service}/{name}")))
            .header(CONTENT_TYPE, PROTOBUF)
            .bearer_auth(token)
            .body(request.encode_to_vec())
            .send()
            .await?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > self.largest_answer {
                let bound = self.largest_answer;
                return Err(CallError::Nonsense(format!(
                    "{name}: more than {bound} bytes"
                )));
            }
            body.extend_from_slice(&chunk);
        }
        if status == StatusCode::OK {
            Answer::decode(body.as_slice())
                .map_err(|error| CallError::Nonsense(format!("{name}: {error}")))
        } else {
            Err(CallError::of_answer(name, status, &body))
        }
    }
}
