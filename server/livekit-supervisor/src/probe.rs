//! Asks a LiveKit server whether it serves: its health route, and RoomService with our keys. Knows two routes, keeps nothing.

use std::{
    io,
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
use url::Url;

use crate::{resources::out_of_resources, state::Endpoint};

const TOKEN_LIFE: Duration = Duration::from_mins(1);

/// What a probe got instead of a good answer.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    #[error("no answer within {} s", .0.as_secs_f32())]
    Timeout(Duration),
    #[error("no answer: {0}")]
    Connection(String),
    /// Says nothing about the server.
    #[error("this machine has no connection to give: {0}")]
    OutOfResources(String),
    #[error("its health route answers {0}")]
    Unhealthy(StatusCode),
    #[error("it refuses our API key with {0}: another LiveKit server may hold its port")]
    KeysRefused(StatusCode),
    #[error("a token for it cannot be signed: {0}")]
    Token(#[from] jsonwebtoken::errors::Error),
}

/// How a probe gets there.
enum Way {
    /// Plain HTTP. A child on this machine must not depend on a TLS provider or on anybody's root certificates.
    Plain(Box<Client<HttpConnector, Full<Bytes>>>),
    /// HTTP or HTTPS, as the URL says.
    Web(reqwest::Client),
}

/// Probes one endpoint.
pub struct Probe {
    way: Way,
    endpoint: Endpoint,
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

impl ProbeError {
    /// Whether it is about this process and not about the server: such an error never counts against a child.
    pub const fn is_our_own(&self) -> bool {
        matches!(self, Self::OutOfResources(_))
    }
}

impl Probe {
    /// Of a child: its URL is plain `http`.
    pub fn of_child(endpoint: Endpoint, wall_clock: fn() -> SystemTime, timeout: Duration) -> Self {
        // No idle connections: one left in a pool would hide that the child no longer accepts.
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build_http();
        Self {
            way: Way::Plain(Box::new(client)),
            endpoint,
            wall_clock,
            timeout,
        }
    }

    /// Of a cluster, reached as the platform reaches it: directly, and without being sent elsewhere.
    pub fn of_cluster(
        endpoint: Endpoint,
        skip_tls_verify: bool,
        wall_clock: fn() -> SystemTime,
        timeout: Duration,
    ) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .tls_danger_accept_invalid_certs(skip_tls_verify)
            .build()?;
        Ok(Self {
            way: Way::Web(client),
            endpoint,
            wall_clock,
            timeout,
        })
    }

    /// The health route answers and our keys are accepted, so this is our server and it is ready.
    pub async fn ready(&self) -> Result<(), ProbeError> {
        self.healthy().await?;
        let status = self
            .send(
                Request::post(self.url("twirp/livekit.RoomService/ListRooms").as_str())
                    .header(header::AUTHORIZATION, format!("Bearer {}", self.token()?))
                    .header(header::CONTENT_TYPE, "application/json")
                    // Named rooms keep the answer small on a server that has many.
                    .body(Bytes::from_static(br#"{"names":["-"]}"#)),
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
            .send(Request::get(self.url("").as_str()).body(Bytes::new()))
            .await?;
        if status.is_success() {
            Ok(())
        } else {
            Err(ProbeError::Unhealthy(status))
        }
    }

    /// The address of `path` below the endpoint's base, which may itself have a path.
    fn url(&self, path: &str) -> Url {
        let mut url = self.endpoint.internal_url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        url
    }

    async fn send(
        &self,
        request: hyper::http::Result<Request<Bytes>>,
    ) -> Result<StatusCode, ProbeError> {
        let request = request.map_err(|error| ProbeError::Connection(error.to_string()))?;
        let answer = async {
            match &self.way {
                Way::Plain(client) => match client.request(request.map(Full::from)).await {
                    Ok(response) => Ok(response.status()),
                    Err(error) => Err(not_sent(&error)),
                },
                Way::Web(client) => {
                    let request =
                        reqwest::Request::try_from(request).map_err(|error| not_sent(&error))?;
                    match client.execute(request).await {
                        Ok(response) => Ok(response.status()),
                        Err(error) => Err(not_sent(&error)),
                    }
                }
            }
        };
        timeout(self.timeout, answer)
            .await
            .unwrap_or(Err(ProbeError::Timeout(self.timeout)))
    }

    fn token(&self) -> Result<String, jsonwebtoken::errors::Error> {
        let now = (self.wall_clock)()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let claims = Claims {
            iss: &self.endpoint.keys.api_key,
            nbf: now.as_secs(),
            exp: (now + TOKEN_LIFE).as_secs(),
            video: VideoGrant { room_list: true },
        };
        let secret = self.endpoint.keys.api_secret.expose_secret().as_bytes();
        jsonwebtoken::encode(
            &Header::default(),
            &claims,
            &EncodingKey::from_secret(secret),
        )
    }
}

/// hyper's own text is only "client error (Connect)", and reqwest's names the address: the innermost cause says more.
fn not_sent(error: &(dyn std::error::Error + 'static)) -> ProbeError {
    let mut error = error;
    let mut ours = false;
    loop {
        ours |= error
            .downcast_ref::<io::Error>()
            .is_some_and(out_of_resources);
        match error.source() {
            Some(source) => error = source,
            None if ours => return ProbeError::OutOfResources(error.to_string()),
            None => return ProbeError::Connection(error.to_string()),
        }
    }
}
