//! Asks the child whether it serves: its health route, and RoomService with our keys. Knows two routes, keeps nothing.

use std::{
    net::SocketAddr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use http_body_util::Full;
use hyper::{Request, StatusCode, body::Bytes, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use jsonwebtoken::{EncodingKey, Header};
use secrecy::ExposeSecret;
use serde::Serialize;
use tokio::time::timeout;

use crate::keys::ApiKeys;

const TOKEN_LIFE: Duration = Duration::from_mins(1);

/// What a probe got instead of a good answer.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    #[error("no answer within {} s", .0.as_secs_f32())]
    Timeout(Duration),
    #[error("no answer: {0}")]
    Connection(String),
    #[error("its health route answers {0}")]
    Unhealthy(StatusCode),
    #[error("it refuses our API key with {0}: another LiveKit server may hold its port")]
    KeysRefused(StatusCode),
    #[error("a token for it cannot be signed: {0}")]
    Token(#[from] jsonwebtoken::errors::Error),
}

/// Probes one address with one pair of keys.
pub struct Probe {
    client: Client<HttpConnector, Full<Bytes>>,
    address: SocketAddr,
    keys: ApiKeys,
    wall_clock: fn() -> SystemTime,
    timeout: Duration,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    nbf: u64,
    exp: u64,
    video: VideoGrant,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VideoGrant {
    room_list: bool,
}

impl Probe {
    pub fn new(
        address: SocketAddr,
        keys: ApiKeys,
        wall_clock: fn() -> SystemTime,
        timeout: Duration,
    ) -> Self {
        // No idle connections: one left in a pool would hide that the child no longer accepts.
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build_http();
        Self {
            client,
            address,
            keys,
            wall_clock,
            timeout,
        }
    }

    /// The health route answers and our keys are accepted, so this is our child and it is ready.
    pub async fn ready(&self) -> Result<(), ProbeError> {
        self.healthy().await?;
        let status = self
            .send(
                Request::post(self.url("/twirp/livekit.RoomService/ListRooms"))
                    .header(header::AUTHORIZATION, format!("Bearer {}", self.token()?))
                    .header(header::CONTENT_TYPE, "application/json")
                    // Named rooms keep the answer small on a server that has many.
                    .body(Full::from(r#"{"names":["-"]}"#)),
            )
            .await?;
        match status {
            StatusCode::OK => Ok(()),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(ProbeError::KeysRefused(status))
            }
            _ => Err(ProbeError::Unhealthy(status)),
        }
    }

    /// The health route answers.
    pub async fn healthy(&self) -> Result<(), ProbeError> {
        let status = self
            .send(Request::get(self.url("/")).body(Full::default()))
            .await?;
        if status.is_success() {
            Ok(())
        } else {
            Err(ProbeError::Unhealthy(status))
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn send(
        &self,
        request: hyper::http::Result<Request<Full<Bytes>>>,
    ) -> Result<StatusCode, ProbeError> {
        let request = request.map_err(|error| ProbeError::Connection(error.to_string()))?;
        match timeout(self.timeout, self.client.request(request)).await {
            Ok(Ok(response)) => Ok(response.status()),
            Ok(Err(error)) => Err(ProbeError::Connection(innermost(&error))),
            Err(_) => Err(ProbeError::Timeout(self.timeout)),
        }
    }

    fn token(&self) -> Result<String, jsonwebtoken::errors::Error> {
        let now = (self.wall_clock)()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let claims = Claims {
            iss: &self.keys.api_key,
            nbf: now.as_secs(),
            exp: (now + TOKEN_LIFE).as_secs(),
            video: VideoGrant { room_list: true },
        };
        let secret = self.keys.api_secret.expose_secret().as_bytes();
        jsonwebtoken::encode(
            &Header::default(),
            &claims,
            &EncodingKey::from_secret(secret),
        )
    }
}

/// hyper's own text is only "client error (Connect)".
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
