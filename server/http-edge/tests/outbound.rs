//! The guarded client against a server on the loopback: it reaches what the guard lets pass, and nothing else.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    response::Redirect,
    routing::{get, post},
};
use futures::future::BoxFuture;
use http::{HeaderMap, Method, StatusCode};
use http_edge::outbound::{
    AddressGuard, AllowedNetworks, Destination, GuardedClient, GuardedError, Names, Reach, Request,
    Trust,
};
use tokio::net::TcpListener;

/// Every name leads to this address, and how often it was asked for is counted.
struct To(SocketAddr, AtomicUsize);

impl Names for To {
    fn addresses<'a>(
        &'a self,
        _host: &'a str,
        _port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok(vec![self.0]) })
    }
}

async fn served() -> SocketAddr {
    let echo = |headers: HeaderMap, body: Bytes| async move {
        format!("{:?} {body:?}", headers["host"].to_str().unwrap())
    };
    let app = Router::new()
        .route("/echo", post(echo))
        .route("/moved", get(async || Redirect::to("/echo")))
        .route("/large", get(async || "x".repeat(100)));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

fn client(names: Arc<To>, networks: &[&str]) -> GuardedClient {
    let guard = AddressGuard::Closed(AllowedNetworks {
        networks: networks.iter().map(|net| net.parse().unwrap()).collect(),
        setting: "webhooks.allowed_networks",
    });
    GuardedClient::new(Trust::System.client_config().unwrap(), names, guard)
}

fn request(method: Method, path: &str, body: &'static str) -> Request {
    Request {
        method,
        path_and_query: path.to_owned(),
        headers: HeaderMap::new(),
        body: Bytes::from_static(body.as_bytes()),
        largest_answer: 99,
    }
}

fn there(reach: Reach) -> Destination {
    let url = "http://there.example:81/".parse().unwrap();
    Destination::of_url(&url, reach).unwrap()
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_and_the_setting_named() {
    let names = Arc::new(To(served().await, AtomicUsize::new(0)));
    let client = client(names, &[]);
    let asked = client
        .ask(
            &there(Reach::Guarded),
            request(Method::POST, "/echo", "hello"),
        )
        .await;
    let error = asked.unwrap_err();
    assert!(matches!(error, GuardedError::Refused { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "its address 127.0.0.1 is not public; webhooks.allowed_networks can allow it"
    );
}

#[tokio::test]
async fn an_allowed_network_and_a_named_server_are_reached_under_their_own_name() {
    let names = Arc::new(To(served().await, AtomicUsize::new(0)));
    for (networks, reach) in [
        (&["127.0.0.0/8"][..], Reach::Guarded),
        (&[][..], Reach::Named),
    ] {
        let answer = client(names.clone(), networks)
            .ask(&there(reach), request(Method::POST, "/echo", "hello"))
            .await
            .unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(&answer.body[..], br#""there.example:81" b"hello""#);
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_a_long_answer_is_none() {
    let names = Arc::new(To(served().await, AtomicUsize::new(0)));
    let client = client(names.clone(), &["127.0.0.0/8"]);
    let there = there(Reach::Guarded);
    let moved = client.ask(&there, request(Method::GET, "/moved", "")).await;
    assert_eq!(moved.unwrap().status, StatusCode::SEE_OTHER);
    let large = request(Method::GET, "/large", "");
    let beginning = client.ask_beginning(&there, large).await.unwrap();
    assert_eq!(
        (beginning.status, beginning.body.len()),
        (StatusCode::OK, 99)
    );
    let large = client.ask(&there, request(Method::GET, "/large", "")).await;
    assert!(matches!(large, Err(GuardedError::TooLarge)), "{large:?}");
    // The address that was checked is the one that is used for a while.
    assert_eq!(names.1.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_server_that_is_away_is_looked_up_again() {
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let names = Arc::new(To(address, AtomicUsize::new(0)));
    let client = client(names.clone(), &["127.0.0.0/8"]);
    for _ in 0..2 {
        let asked = client
            .ask(&there(Reach::Guarded), request(Method::GET, "/", ""))
            .await;
        assert!(
            asked
                .unwrap_err()
                .to_string()
                .starts_with("cannot connect: "),
        );
    }
    assert_eq!(names.1.load(Ordering::Relaxed), 2);
}
