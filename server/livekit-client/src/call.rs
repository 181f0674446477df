//! One Twirp call: a token that grants only this, a protobuf request, a protobuf answer, errors that keep their meaning.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use livekit_wire::quality::{self, ConnectionTotals};
use prost::Message;
use reqwest::Response;
use serde::{Serialize, de::DeserializeOwned};

use crate::{CallError, Endpoint, Grant, Method};

const TOKEN_LIFE: Duration = Duration::from_mins(1);
/// LiveKit's own bound on API bodies is 10 MiB; a listing of 10,000 participants stays below.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;
const OPEN_METRICS: &[u8] = b"application/openmetrics-text";
const JSON: &[u8] = b"application/json";
const PROTOBUF: HeaderValue = HeaderValue::from_static("application/protobuf");

/// A call that somebody else makes.
#[derive(Debug)]
pub struct ForeignCall<'a> {
    /// Service and method, such as `livekit.RoomService/ListRooms`.
    pub path: &'a str,
    /// How its body is written.
    pub content_type: &'a str,
    /// Its message.
    pub body: Bytes,
    /// One that this server believes.
    pub token: &'a str,
}

/// An answer as it came, whatever it says.
#[derive(Debug)]
pub struct ForeignAnswer {
    /// 200, or a Twirp error's.
    pub status: StatusCode,
    /// How its body is written.
    pub content_type: Option<HeaderValue>,
    /// A message, or a Twirp error.
    pub body: Bytes,
}

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

    /// Passes on what somebody else asks: a body that is not looked into, under a token that they have.
    pub async fn pass_on(&self, call: ForeignCall<'_>) -> Result<ForeignAnswer, CallError> {
        let response = self
            .http
            .post(self.endpoint.address_of(&format!("twirp/{}", call.path)))
            .header(CONTENT_TYPE, call.content_type)
            .bearer_auth(call.token)
            .body(call.body)
            .send()
            .await?;
        Ok(ForeignAnswer {
            status: response.status(),
            content_type: response.headers().get(CONTENT_TYPE).cloned(),
            body: self.read("the answer", response).await?.into(),
        })
    }

    /// Calls a method of a service that is not LiveKit's: JSON both ways.
    pub async fn call_json<Answer: DeserializeOwned>(
        &self,
        path: &'static str,
        grant: Grant<'_>,
        request: &impl Serialize,
        now: SystemTime,
    ) -> Result<Answer, CallError> {
        let token = self.endpoint.sign(&grant.claims(), now, TOKEN_LIFE)?;
        let address = self.endpoint.address_of(&format!("twirp/{path}"));
        let request = self.http.post(address).bearer_auth(token).json(request);
        let response = request.send().await?;
        let status = response.status();
        let body = self.read(path, response).await?;
        if status == StatusCode::OK {
            serde_json::from_slice(&body)
                .map_err(|error| CallError::Nonsense(format!("{path}: {error}")))
        } else {
            Err(CallError::of_answer(path, status, &body))
        }
    }

    /// What the server counts, in the OpenMetrics format; `None` where it has nothing of the kind.
    pub async fn open_metrics(
        &self,
        grant: Grant<'_>,
        now: SystemTime,
    ) -> Result<Option<String>, CallError> {
        let body = self.get("/metrics", OPEN_METRICS, grant, now).await?;
        body.map(String::from_utf8)
            .transpose()
            .map_err(|error| CallError::Nonsense(format!("/metrics: {error}")))
    }

    /// What went through each connection; `None` where the server does not tell.
    pub async fn connection_totals(
        &self,
        grant: Grant<'_>,
        now: SystemTime,
    ) -> Result<Option<Vec<ConnectionTotals>>, CallError> {
        let body = self.get(quality::PATH, JSON, grant, now).await?;
        body.map(|body| serde_json::from_slice(&body))
            .transpose()
            .map_err(|error| CallError::Nonsense(format!("{}: {error}", quality::PATH)))
    }

    /// What there is at `path`, if it is of this content type.
    async fn get(
        &self,
        path: &'static str,
        content_type: &[u8],
        grant: Grant<'_>,
        now: SystemTime,
    ) -> Result<Option<Vec<u8>>, CallError> {
        let token = self.endpoint.sign(&grant.claims(), now, TOKEN_LIFE)?;
        let address = self.endpoint.address_of(path.trim_start_matches('/'));
        let response = self.http.get(address).bearer_auth(token).send().await?;
        let found = response.headers().get(CONTENT_TYPE);
        let is_wanted = found.is_some_and(|found| found.as_bytes().starts_with(content_type));
        if response.status() != StatusCode::OK || !is_wanted {
            return Ok(None);
        }
        self.read(path, response).await.map(Some)
    }

    async fn read(&self, what: &str, mut response: Response) -> Result<Vec<u8>, CallError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > self.largest_answer {
                let bound = self.largest_answer;
                return Err(CallError::Nonsense(format!(
                    "{what}: more than {bound} bytes"
                )));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
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
        let response = self
            .http
            .post(self.endpoint.address_of(&format!("twirp/{service}/{name}")))
            .header(CONTENT_TYPE, PROTOBUF)
            .bearer_auth(token)
            .body(request.encode_to_vec())
            .send()
            .await?;
        let status = response.status();
        let body = self.read(name, response).await?;
        if status == StatusCode::OK {
            Answer::decode(body.as_slice())
                .map_err(|error| CallError::Nonsense(format!("{name}: {error}")))
        } else {
            Err(CallError::of_answer(name, status, &body))
        }
    }
}
