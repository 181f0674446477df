//! How a homeserver is found from its name. Each has a certificate for the one name it must be greeted by, so a wrong
//! name in the handshake fails the test.

use axum::response::IntoResponse;
use http::StatusCode;

use super::{
    homeserver::{Homeserver, Names, USER_INFO, WELL_KNOWN_SERVER, json, redirect, vouch},
    service::Service,
};

/// A host that answers well-known questions with `answer`.
async fn well_known(name: &'static str, answer: &'static str) -> Homeserver {
    Homeserver::start(&[name], move |asked| match asked.path.as_str() {
        WELL_KNOWN_SERVER => json(answer),
        _ => StatusCode::IM_A_TEAPOT.into_response(),
    })
    .await
}

#[tokio::test]
async fn a_literal_address_is_asked_at_8448_or_its_port() {
    let homeserver = Homeserver::start(&["127.0.0.1"], |asked| vouch(&asked.host)(asked)).await;
    let server = homeserver.address.to_string();
    let service = Service::with(Names::default()).await;
    assert_eq!(service.sfu_get("ann", &server).await.status, 200);
    assert_eq!(homeserver.paths(), [USER_INFO]);
}

#[tokio::test]
async fn without_a_well_known_file_and_service_records_it_is_port_8448() {
    let homeserver = Homeserver::start(&["hs.example"], vouch("hs.example")).await;
    let names = Names::default().with("hs.example", 8448, homeserver.address);
    let service = Service::with(names).await;
    assert_eq!(service.sfu_get("ann", "hs.example").await.status, 200);
    assert_eq!(homeserver.asked()[0].host, "hs.example");
}

#[tokio::test]
async fn a_well_known_file_delegates_to_another_name_and_port() {
    let site = well_known("hs.example", r#"{"m.server":"matrix.hs.example:443"}"#).await;
    let homeserver = Homeserver::start(&["matrix.hs.example"], vouch("hs.example")).await;
    let names = Names::default().with("hs.example", 443, site.address).with(
        "matrix.hs.example",
        443,
        homeserver.address,
    );
    let service = Service::with(names).await;
    assert_eq!(service.sfu_get("ann", "hs.example").await.status, 200);
    assert_eq!(site.asked()[0].host, "hs.example");
    assert_eq!(homeserver.asked()[0].host, "matrix.hs.example:443");

    assert_eq!(service.sfu_get("bob", "hs.example").await.status, 200);
    assert_eq!(site.paths().len(), 1, "the delegation is remembered");
}

#[tokio::test]
async fn a_delegated_name_without_a_port_has_service_records_or_8448() {
    let site = well_known("hs.example", r#"{"m.server":"matrix.hs.example"}"#).await;
    let homeserver = Homeserver::start(&["matrix.hs.example"], vouch("hs.example")).await;
    let names = Names::default()
        .with("hs.example", 443, site.address)
        .with_service(
            "_matrix-fed._tcp.matrix.hs.example",
            0,
            "host.provider.example",
            4711,
        )
        .with("host.provider.example", 4711, homeserver.address);
    let service = Service::with(names).await;
    assert_eq!(service.sfu_get("ann", "hs.example").await.status, 200);
    assert_eq!(homeserver.asked()[0].host, "matrix.hs.example");

    let names = Names::default().with("hs.example", 443, site.address).with(
        "matrix.hs.example",
        8448,
        homeserver.address,
    );
    let service = Service::with(names).await;
    assert_eq!(service.sfu_get("ann", "hs.example").await.status, 200);
}

#[tokio::test]
async fn service_records_are_tried_by_priority_and_the_certificate_is_that_of_the_name() {
    let homeserver = Homeserver::start(&["hs.example"], vouch("hs.example")).await;
    let names = Names::default()
        .with_service("_matrix-fed._tcp.hs.example", 20, "live.example", 1)
        .with_service("_matrix-fed._tcp.hs.example", 10, "dead.example", 2)
        .with_service("_matrix._tcp.hs.example", 0, "old.example", 3)
        .with("live.example", 1, homeserver.address);
    let service = Service::with(names).await;
    assert_eq!(service.sfu_get("ann", "hs.example").await.status, 200);
    assert_eq!(homeserver.asked()[0].host, "hs.example");
}

#[tokio::test]
async fn the_old_service_record_counts_where_there_is_no_new_one() {
    let homeserver = Homeserver::start(&["hs.example"], vouch("hs.example")).await;
    let names = Names::default()
        .with_service("_matrix._tcp.hs.example", 0, "old.example", 3)
        .with("old.example", 3, homeserver.address);
    let service = Service::with(names).await;
    assert_eq!(service.sfu_get("ann", "hs.example").await.status, 200);
}

#[tokio::test]
async fn name_servers_that_fail_leave_port_8448() {
    let homeserver = Homeserver::start(&["hs.example"], vouch("hs.example")).await;
    let names = Names::default()
        .with("hs.example", 8448, homeserver.address)
        .without_services();
    assert_eq!(
        Service::with(names)
            .await
            .sfu_get("ann", "hs.example")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_useless_well_known_file_is_as_good_as_none() {
    for useless in [
        "",
        "{",
        "[]",
        "{}",
        r#"{"m.server":""}"#,
        r#"{"m.server":"a b"}"#,
    ] {
        let site = well_known("hs.example", useless).await;
        let homeserver = Homeserver::start(&["hs.example"], vouch("hs.example")).await;
        let names = Names::default().with("hs.example", 443, site.address).with(
            "hs.example",
            8448,
            homeserver.address,
        );
        let service = Service::with(names).await;
        assert_eq!(
            service.sfu_get("ann", "hs.example").await.status,
            200,
            "{useless}"
        );
    }
}

#[tokio::test]
async fn a_well_known_file_may_be_somewhere_else_but_not_at_the_end_of_a_circle() {
    let elsewhere = Homeserver::start(&["www.example"], |_| {
        json(r#"{"m.server":"matrix.example:1"}"#)
    })
    .await;
    let site = Homeserver::start(&["hs.example"], |asked| match asked.path.as_str() {
        WELL_KNOWN_SERVER => redirect("/moved?a=b"),
        _ => redirect("https://www.example:81/file"),
    })
    .await;
    let homeserver = Homeserver::start(&["matrix.example"], vouch("hs.example")).await;
    let names = Names::default()
        .with("hs.example", 443, site.address)
        .with("www.example", 81, elsewhere.address)
        .with("matrix.example", 1, homeserver.address);
    let service = Service::with(names).await;
    assert_eq!(service.sfu_get("ann", "hs.example").await.status, 200);
    assert_eq!(site.paths(), [WELL_KNOWN_SERVER, "/moved"]);
    assert_eq!(elsewhere.asked()[0].host, "www.example:81");

    let circle = Homeserver::start(&["hs.example"], |_| redirect("/again")).await;
    let homeserver = Homeserver::start(&["hs.example"], vouch("hs.example")).await;
    let names = Names::default()
        .with("hs.example", 443, circle.address)
        .with("hs.example", 8448, homeserver.address);
    let service = Service::with(names).await;
    assert_eq!(service.sfu_get("ann", "hs.example").await.status, 200);
    assert_eq!(circle.paths().len(), 6);
}

#[tokio::test]
async fn a_redirect_may_not_drop_the_encryption() {
    let plain = axum::Router::new().fallback(|| async { r#"{"sub":"@ann:hs.example:1"}"# });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let there = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, plain).await.unwrap() });
    let homeserver = Homeserver::start(&["hs.example"], move |_| redirect(&there)).await;
    let names = Names::default().with("hs.example", 1, homeserver.address);
    let answer = Service::with(names)
        .await
        .sfu_get("ann", "hs.example:1")
        .await;
    assert_eq!((answer.status, &*answer.errcode()), (401, "M_UNAUTHORIZED"));
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let homeserver = Homeserver::start(&["other.example"], vouch("hs.example:1")).await;
    let names = Names::default().with("hs.example", 1, homeserver.address);
    let answer = Service::with(names)
        .await
        .sfu_get("ann", "hs.example:1")
        .await;
    assert_eq!((answer.status, &*answer.errcode()), (401, "M_UNAUTHORIZED"));
    assert!(homeserver.asked().is_empty());
}

#[tokio::test]
async fn a_delegation_that_leads_nowhere_is_asked_for_anew() {
    let site = well_known("hs.example", r#"{"m.server":"gone.example:1"}"#).await;
    let names = Names::default().with("hs.example", 443, site.address);
    let service = Service::with(names).await;
    assert_eq!(service.sfu_get("ann", "hs.example").await.status, 401);
    assert_eq!(site.paths().len(), 3, "one per attempt");
}
