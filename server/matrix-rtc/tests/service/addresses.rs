//! Clients name homeservers, so homeservers may not be in our own network, by whatever way they lead there.

use std::net::SocketAddr;

use matrix_rtc::{Options, ids::ServerName};

use super::{
    homeserver::{Homeserver, Names, WELL_KNOWN_SERVER, json, redirect, vouch},
    service::{Service, allowed, options, with_full_access},
    sfu::Sfu,
};

/// As deployed: only public addresses.
fn guarded(names: Names) -> Options {
    let mut options = options(names);
    options.homeservers.allowed_networks = allowed(&[]);
    options
}

async fn refused(service: &Service, server: &str) {
    let answer = service.sfu_get("ann", server).await;
    assert_eq!(
        (answer.status, &*answer.errcode()),
        (401, "M_UNAUTHORIZED"),
        "{server}"
    );
    let metrics = service.matrix.metrics_text().unwrap();
    assert!(
        metrics.contains(r#"outcome="refused""#),
        "{server}\n{metrics}"
    );
}

#[tokio::test]
async fn a_private_address_is_not_asked_as_a_literal_or_by_name() {
    let homeserver = Homeserver::start(&["127.0.0.1", "hs.example"], vouch("x")).await;
    let service = Service::start(guarded(Names::default())).await;
    refused(&service, &homeserver.address.to_string()).await;
    let mapped = format!("[::ffff:127.0.0.1]:{}", homeserver.address.port());
    refused(&service, &mapped).await;

    let names = Names::default().with("hs.example", 8448, homeserver.address);
    refused(&Service::start(guarded(names)).await, "hs.example").await;
    assert!(homeserver.asked().is_empty());
}

#[tokio::test]
async fn neither_a_delegation_nor_a_service_record_nor_a_redirect_leads_inside() {
    let inside = Homeserver::start(&["127.0.0.2", "inside.example"], vouch("hs.example")).await;
    let outside = Homeserver::start(&["hs.example"], |asked| match asked.path.as_str() {
        WELL_KNOWN_SERVER => json(r#"{"m.server":"127.0.0.2:443"}"#),
        _ => redirect("https://inside.example/"),
    })
    .await;
    // Here the world outside is 127.0.0.1.
    let open = |names| {
        let mut options = guarded(names);
        options.homeservers.allowed_networks = allowed(&["127.0.0.1/32"]);
        options
    };
    let inside = SocketAddr::new([127, 0, 0, 2].into(), inside.address.port());

    let names = Names::default().with("hs.example", 443, outside.address);
    refused(&Service::start(open(names)).await, "hs.example").await;

    let names = Names::default()
        .with_service("_matrix-fed._tcp.hs.example", 0, "inside.example", 1)
        .with("inside.example", 1, inside);
    refused(&Service::start(open(names)).await, "hs.example").await;

    let names = Names::default()
        .with("hs.example", 8448, outside.address)
        .with("inside.example", 443, inside);
    refused(&Service::start(open(names)).await, "hs.example").await;
}

#[tokio::test]
async fn a_homeserver_that_the_operator_named_may_be_anywhere() {
    let homeserver = Homeserver::start(&["hs.example"], vouch("hs.example")).await;
    let names = || Names::default().with("hs.example", 8448, homeserver.address);
    let server = ServerName::parse("hs.example").unwrap();

    let sfu = Sfu::start().await;
    let by_full_access = with_full_access(guarded(names()), "hs.example", &sfu.url());
    let service = Service::start(by_full_access).await;
    assert_eq!(service.sfu_get("ann", "hs.example").await.status, 200);

    let mut by_override = guarded(names());
    let client_api = "https://elsewhere.example".parse().unwrap();
    by_override.homeservers.client_apis = [(server, client_api)].into();
    let service = Service::start(by_override).await;
    assert_eq!(service.sfu_get("ann", "hs.example").await.status, 200);

    let mut lab = guarded(names());
    lab.homeservers.all_addresses = true;
    assert_eq!(
        Service::start(lab)
            .await
            .sfu_get("ann", "hs.example")
            .await
            .status,
        200
    );
}
