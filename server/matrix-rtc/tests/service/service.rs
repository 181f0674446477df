//! The service under test on a port of its own, and the clients that ask it.

use std::{
    collections::{HashMap, HashSet},
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, SystemTime},
};

use http_edge::outbound::{AllowedNetworks, Trust};
use livekit_client::api_address;
use livekit_wire::{ApiKeys, token::verify};
use matrix_rtc::{
    FullAccess, MatrixRtc, Options, RateLimitSettings, Sources,
    delayed_leave::Kept,
    homeserver::{BreakerSettings, HomeserverSettings, RetrySettings},
    ids::ServerName,
    livekit::LiveKitSettings,
};
use serde_json::{Value, json};

use super::homeserver::{AUTHORITY, Names};

pub const KEY: &str = "devkey";
pub const SECRET: &str = "a secret that is long enough";

pub fn keys() -> ApiKeys {
    ApiKeys::new([(KEY.to_owned(), SECRET.into())]).unwrap()
}

pub fn allowed(networks: &[&str]) -> AllowedNetworks {
    AllowedNetworks {
        networks: networks.iter().map(|net| net.parse().unwrap()).collect(),
        setting: "matrix.allowed_networks",
    }
}

/// Options of a service whose clients are restricted and whose SFU is not there.
pub fn options(names: Names) -> Options {
    let url = "ws://127.0.0.1:9";
    Options {
        livekit: LiveKitSettings {
            public_url: url.to_owned(),
            api_url: api_address(url).unwrap(),
            keys: keys(),
            can_update_own_metadata: false,
            trust: Trust::System,
        },
        full_access: FullAccess::Only(HashSet::new()),
        homeservers: HomeserverSettings {
            trust: Trust::Authorities(vec![AUTHORITY.certificate()]),
            allowed_networks: allowed(&["127.0.0.0/8"]),
            all_addresses: false,
            client_apis: HashMap::new(),
            dns: Arc::new(names),
            retry: RetrySettings {
                attempt: Duration::from_secs(2),
                deadline: Duration::from_secs(4),
                attempts: 3,
                first_pause: Duration::from_millis(1),
            },
            breaker: BreakerSettings::default(),
        },
        sanity_check_interval: None,
        kept: Kept::Nowhere,
        rate_limit: RateLimitSettings {
            per_second: NonZeroU32::new(1000).unwrap(),
            burst: NonZeroU32::new(1000).unwrap(),
            trusted_proxies: Vec::new(),
        },
        sources: Sources::default(),
    }
}

/// Lets users of `server` open rooms at `sfu`.
pub fn with_full_access(mut options: Options, server: &str, sfu: &str) -> Options {
    let server = ServerName::parse(server).unwrap();
    options.full_access = FullAccess::Only([server].into());
    options.livekit.api_url = api_address(sfu).unwrap();
    sfu.clone_into(&mut options.livekit.public_url);
    options
}

pub struct Service {
    pub matrix: MatrixRtc,
    pub address: SocketAddr,
    http: reqwest::Client,
}

/// An answer with everything a client sees.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub fn errcode(&self) -> String {
        self.json()["errcode"].as_str().unwrap().to_owned()
    }

    /// What the token in it says.
    pub fn claims(&self) -> Value {
        claims(self.json()["jwt"].as_str().unwrap())
    }
}

/// A token's claims, if it is genuine.
pub fn claims(jwt: &str) -> Value {
    verify(jwt, &keys(), SystemTime::now()).unwrap();
    let payload = jwt.split('.').nth(1).unwrap();
    let decoded = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, payload);
    serde_json::from_slice(&decoded.unwrap()).unwrap()
}

impl Service {
    pub async fn start(options: Options) -> Self {
        let matrix = MatrixRtc::open(options).await.unwrap();
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        let app = matrix
            .standalone_router()
            .into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            matrix,
            address,
            http,
        }
    }

    /// A service that finds homeservers by `names`, with everything else as usual.
    pub async fn with(names: Names) -> Self {
        Self::start(options(names)).await
    }

    pub async fn request(&self, method: &str, path: &str) -> Answer {
        self.send(self.build(method, path)).await
    }

    pub fn build(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("http://{}{path}", self.address);
        self.http.request(method.parse().unwrap(), url)
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        self.send(self.build("POST", path).body(body)).await
    }

    /// `/sfu/get` for the user whose token is `user`, at `server`.
    pub async fn sfu_get(&self, user: &str, server: &str) -> Answer {
        self.post("/sfu/get", sfu_get(user, server).to_string())
            .await
    }
}

pub fn sfu_get(user: &str, server: &str) -> Value {
    json!({
        "room": "!room:example.com",
        "openid_token": openid(user, server),
        "device_id": "DEVICE",
    })
}

/// A body for `/get_token` and, with a delay, for `/delegate_delayed_leave`.
pub fn get_token(user: &str, server: &str) -> Value {
    json!({
        "room_id": "!room:example.com",
        "slot_id": "m.call#ROOM",
        "openid_token": openid(user, server),
        "member": {
            "id": "member",
            "claimed_user_id": format!("@{user}:{server}"),
            "claimed_device_id": "DEVICE",
        },
    })
}

fn openid(user: &str, server: &str) -> Value {
    json!({
        "access_token": user,
        "token_type": "Bearer",
        "matrix_server_name": server,
        "expires_in": 3600,
    })
}
