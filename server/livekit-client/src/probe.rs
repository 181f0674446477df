//! Asks a server whether it serves: its health route, and RoomService with our keys. Keeps nothing.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::{self, connect::HttpConnector};
use livekit_wire::token::SignError;
use prost::Message;
use tokio::time::timeout;

use crate::{Endpoint, Grant, Method, error::innermost};

/// LiveKit's own bound on API bodies is 10 MiB.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;
const TOKEN_LIFE: Duration = Duration::from_mins(1);

/// What a probe got instead of a good answer.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// It may hang.
    #[error("no answer within {} s", .0.as_secs_f32())]
    Timeout(Duration),
    /// No connection. The text leaves the address out.
    #[error("no answer: {0}")]
    Connection(String),
    /// Says nothing about the server.
    #[error("this machine has no connection to give: {0}")]
    OutOfResources(String),
    /// Something answers that is not ready, or no LiveKit server.
    #[error("its health route answers {0}")]
    Unhealthy(StatusCode),
    /// It has other keys.
    #[error("it refuses our API key with {0}: another LiveKit server may hold its port")]
    KeysRefused(StatusCode),
    /// It answers, and not what was asked.
    #[error("it answers what is no answer: {0}")]
    Nonsense(String),
    /// Our own fault.
    #[error("a token for it cannot be signed: {0}")]
    Token(#[from] SignError),
}

/// Plain HTTP, without a TLS provider or anybody's root certificates.
pub type PlainHttp = legacy::Client<HttpConnector, Full<Bytes>>;

/// How a probe gets there. Neither client should keep connections: one left in a pool would hide that the server no
/// longer accepts.
pub enum Way {
    /// To `http` addresses only.
    Plain(Box<PlainHttp>),
    /// HTTP or HTTPS, as the address says.
    Web(reqwest::Client),
}

/// Probes one endpoint.
pub struct Probe {
    /// Who is asked.
    pub endpoint: Endpoint,
    /// How.
    pub way: Way,
    /// Tells the time that tokens start at.
    pub wall_clock: fn() -> SystemTime,
    /// How long an answer may take.
    pub timeout: Duration,
}

impl ProbeError {
    /// Whether it is about this process and not about the server: such an error never counts against it.
    pub const fn is_our_own(&self) -> bool {
        matches!(self, Self::OutOfResources(_))
    }
}

impl Probe {
    /// The health route answers and our keys are accepted, so this is our server and it is ready.
    pub async fn ready(&self) -> Result<(), ProbeError> {
        self.healthy().await?;
        let claims = Grant::ListRooms.claims();
        let token = self
            .endpoint
            .sign(&claims, (self.wall_clock)(), TOKEN_LIFE)?;
        let address = self
            .endpoint
            .address_of("twirp/livekit.RoomService/ListRooms");
        let request = Request::post(address.as_str())
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            // Named rooms keep the answer small on a server that has many.
            .body(Bytes::from_static(br#"{"names":["-"]}"#));
        match self.send(request).await?.0 {
            StatusCode::OK => Ok(()),
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                Err(ProbeError::KeysRefused(status))
            }
            status => Err(ProbeError::Unhealthy(status)),
        }
    }

    /// Calls a method of a service, as a [`Client`](crate::Client) does, within the probe's time.
    pub async fn call<Request: Message, Answer: Message + Default>(
        &self,
        method: Method<Request, Answer>,
        grant: Grant<'_>,
        request: &Request,
    ) -> Result<Answer, ProbeError> {
        let token = self
            .endpoint
            .sign(&grant.claims(), (self.wall_clock)(), TOKEN_LIFE)?;
        let path = format!("twirp/{}/{}", method.service, method.name);
        let request = http::Request::post(self.endpoint.address_of(&path).as_str())
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/protobuf")
            .body(Bytes::from(request.encode_to_vec()));
        let (status, body) = self.send(request).await?;
        match status {
            StatusCode::OK => {
                Answer::decode(body).map_err(|error| ProbeError::Nonsense(error.to_string()))
            }
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                Err(ProbeError::KeysRefused(status))
            }
            status => Err(ProbeError::Unhealthy(status)),
        }
    }

    /// The health route answers.
    pub async fn healthy(&self) -> Result<(), ProbeError> {
        let address = self.endpoint.address_of("");
        let (status, _) = self
            .send(Request::get(address.as_str()).body(Bytes::new()))
            .await?;
        if status.is_success() {
            Ok(())
        } else {
            Err(ProbeError::Unhealthy(status))
        }
    }

    async fn send(
        &self,
        request: http::Result<Request<Bytes>>,
    ) -> Result<(StatusCode, Bytes), ProbeError> {
        let request = request.map_err(|error| ProbeError::Connection(error.to_string()))?;
        let answer = async {
            match &self.way {
                Way::Plain(client) => match client.request(request.map(Full::from)).await {
                    Ok(response) => {
                        let status = response.status();
                        let body = Limited::new(response.into_body(), LARGEST_ANSWER);
                        let body = body.collect().await.map_err(|error| not_sent(&*error))?;
                        Ok((status, body.to_bytes()))
                    }
                    Err(error) => Err(not_sent(&error)),
                },
                Way::Web(client) => {
                    let request =
                        reqwest::Request::try_from(request).map_err(|error| not_sent(&error))?;
                    match client.execute(request).await {
                        Ok(response) => {
                            let status = response.status();
                            let body = response.bytes().await.map_err(|error| not_sent(&error))?;
                            Ok((status, body))
                        }
                        Err(error) => Err(not_sent(&error)),
                    }
                }
            }
        };
        timeout(self.timeout, answer)
            .await
            .unwrap_or(Err(ProbeError::Timeout(self.timeout)))
    }
}

fn not_sent(error: &(dyn std::error::Error + 'static)) -> ProbeError {
    match innermost(error) {
        (text, true) => ProbeError::OutOfResources(text),
        (text, false) => ProbeError::Connection(text),
    }
}
