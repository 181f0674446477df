//! What both kinds of server need.

use std::{
    net::SocketAddr,
    time::{Duration, SystemTime},
};

use livekit_client::{Client, Endpoint};
use livekit_wire::ApiKeys;

pub const KEY: &str = "devkey";
pub const SECRET: &str = "a-secret-of-at-least-thirty-two-letters";

pub fn endpoint(address: SocketAddr, secret: &str) -> Endpoint {
    Endpoint {
        url: format!("http://{address}").parse().unwrap(),
        keys: ApiKeys::one(KEY.to_owned(), secret.into()),
    }
}

/// Gives up after `patience`.
pub fn client(address: SocketAddr, secret: &str, patience: Duration) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder()
        .timeout(patience)
        .no_proxy()
        .build()
        .unwrap();
    Client::new(endpoint(address, secret), http)
}

pub fn now() -> SystemTime {
    SystemTime::now()
}
