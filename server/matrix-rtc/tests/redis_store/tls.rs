//! `rediss://`.

use std::sync::Arc;

use matrix_rtc::delayed_leave::{RedisStore, RedisStoreError, Store as _};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::{
    harness::{install_rustls_provider, stored},
    resp::Running,
};

/// A server of its own authority, and that authority as PEM.
async fn start() -> (Running, String, Vec<u8>) {
    install_rustls_provider();
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let tls = TlsAcceptor::from(Arc::new(config));
    let address = "127.0.0.1:0".parse().unwrap();
    let running = Running::start_as(Arc::default(), address, Some(tls)).await;
    let url = format!("rediss://localhost:{}", running.address.port());
    (running, url, cert.pem().into_bytes())
}

#[tokio::test]
async fn a_server_with_a_certificate_of_a_trusted_authority_is_used() {
    let (running, url, authority) = start().await;
    let store = RedisStore::connect(&url, Some(authority)).await.unwrap();
    store.save(&stored("@alice:hs:D", "leave")).await.unwrap();
    assert_eq!(running.redis.len(), 1);
}

#[tokio::test]
async fn a_server_with_any_other_certificate_is_refused() {
    let (_running, url, _) = start().await;
    let error = RedisStore::connect(&url, None).await.err().unwrap();
    assert!(matches!(error, RedisStoreError::Unreachable(_)), "{error}");
}
