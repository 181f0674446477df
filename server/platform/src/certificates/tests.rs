//! Certificates from a real authority, as the site's port shows them.

use std::{sync::Arc, time::Duration};

use acme::{Resolver, proof_certificate};
use tokio::net::TcpListener;

use super::{SiteCertificate, model::CertificateState, renew};
use crate::testing::{
    TestApp,
    pebble::{Pebble, free_port},
};

const DAY: Duration = Duration::from_hours(24);

/// A site whose port of plain HTTP answers, unless it is closed.
async fn site(pebble: &Pebble, http: Option<TcpListener>) -> TestApp {
    let app = TestApp::start_with(|config, _| {
        config.auth.session_days = 365;
        config.server.tls = crate::config::Tls::Acme;
        config.server.public_url = Some("https://127.0.0.1:8443".parse().unwrap());
        config.acme.directory = pebble.directory.clone();
        config.acme.root_file = Some(pebble.root_file.clone());
        config.acme.contacts = vec!["ada@example.org".to_owned()];
    })
    .await;
    // Pebble's certificates begin now.
    app.clock.set_to_now();
    let stand_in = proof_certificate("stand-in", &[0; 32]).unwrap();
    let resolver = Arc::new(Resolver::new(stand_in));
    app.platform
        .tell_certificate(SiteCertificate::new(resolver, true))
        .await;
    if let Some(http) = http {
        let router = app.platform.redirect_router();
        tokio::spawn(async move { axum::serve(http, router).await.unwrap() });
    }
    app
}

fn state(app: &TestApp) -> CertificateState {
    app.app().certificate.get().unwrap().state()
}

#[tokio::test]
async fn a_certificate_is_ordered_once_and_renewed_in_time() {
    let http = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let Some(pebble) = Pebble::start(http.local_addr().unwrap().port(), free_port()).await else {
        return;
    };
    let app = site(&pebble, Some(http)).await;
    let mut admin = app.admin().await;
    let before = admin.get("/api/admin/health").await.json;
    assert!(before.to_string().contains("not_issued"), "{before}");

    renew(app.app()).await.unwrap();
    let first = state(&app);
    assert_eq!(first.failure, None);
    let left = first.ends_at.unwrap().since(app.app().now());
    assert!((DAY * 89..DAY * 91).contains(&left), "{left:?}");
    // Nobody's browser knows this authority: it must not be told to insist on it.
    assert!(!first.is_trusted);
    let headers = admin.get("/api/site").await.headers;
    assert!(!headers.contains_key("strict-transport-security"));

    // It is good for long: the authority is left alone.
    app.advance(DAY * 50);
    renew(app.app()).await.unwrap();
    assert_eq!(state(&app), first);
    app.advance(DAY * 15);
    renew(app.app()).await.unwrap();
    let second = state(&app);
    assert!(second.issued_at > first.issued_at, "{second:?}");
    let metrics = admin.get("/api/metrics").await.json;
    assert_eq!(
        metrics["certificate_ends_at"].as_i64(),
        second.ends_at.map(|ends_at| ends_at.0)
    );

    // Another replica, and the next start, show what there is.
    let resolver = Arc::new(Resolver::new(
        proof_certificate("stand-in", &[0; 32]).unwrap(),
    ));
    let other = SiteCertificate::new(resolver, true);
    super::look::look(app.app(), &other).await.unwrap();
    assert_eq!(other.state().ends_at, second.ends_at);
}

#[tokio::test]
async fn an_authority_that_finds_nothing_is_asked_again_later_and_the_panel_says_why() {
    let closed = free_port();
    let Some(pebble) = Pebble::start(closed, closed).await else {
        return;
    };
    let app = site(&pebble, None).await;
    let mut admin = app.admin().await;
    renew(app.app()).await.unwrap();
    let failure = state(&app).failure.unwrap();
    assert!(
        failure.contains("127.0.0.1 could not be proven"),
        "{failure}"
    );
    let health = admin.get("/api/admin/health").await.json;
    assert!(
        health.to_string().contains("could not be proven"),
        "{health}"
    );
    assert!(health.to_string().contains("not_issued"), "{health}");

    // Now somebody answers, and it is too early to ask.
    let http = TcpListener::bind(("127.0.0.1", closed)).await.unwrap();
    let router = app.platform.redirect_router();
    tokio::spawn(async move { axum::serve(http, router).await.unwrap() });
    renew(app.app()).await.unwrap();
    assert_eq!(state(&app).issued_at, None);
    app.advance(Duration::from_secs(61));
    renew(app.app()).await.unwrap();
    assert_eq!(state(&app).failure, None);
    assert!(state(&app).issued_at.is_some());
    drop(pebble);

    // An authority that forgot everything, or is gone: the old certificate stays.
    app.advance(DAY * 65);
    let before = state(&app);
    renew(app.app()).await.unwrap();
    let after = state(&app);
    assert_eq!(after.ends_at, before.ends_at);
    assert!(after.failure.is_some());
    let health = admin.get("/api/admin/health").await.json;
    assert!(health.to_string().contains("order_failed"), "{health}");
}

#[tokio::test]
async fn an_account_that_the_authority_has_forgotten_is_made_anew() {
    let http = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let Some(pebble) = Pebble::start(http.local_addr().unwrap().port(), free_port()).await else {
        return;
    };
    let app = site(&pebble, Some(http)).await;
    // What this authority never gave out.
    let Some(other) = Pebble::start(1, 1).await else {
        return;
    };
    let authority = acme::Authority {
        directory: other.directory.to_string(),
        contacts: Vec::new(),
        binding: None,
        http: http_edge::outbound::direct(&http_edge::outbound::Trust::Everybody)
            .unwrap()
            .build()
            .unwrap(),
    };
    let (_, acme::Credentials(foreign)) = authority.new_account().await.unwrap();
    let foreign = foreign.replace(
        other.directory.as_str().trim_end_matches("dir"),
        pebble.directory.as_str().trim_end_matches("dir"),
    );
    let directory = pebble.directory.as_str();
    let mut tx = app.app().db.begin().await.unwrap();
    let now = app.app().now();
    super::store::keep_account(&mut tx, directory, &foreign, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    renew(app.app()).await.unwrap();
    assert_eq!(state(&app).failure, None);
}

#[tokio::test]
async fn plain_http_sends_everybody_to_the_site() {
    let app = TestApp::start_with(|config, _| {
        config.server.public_url = Some("https://meet.example.org".parse().unwrap());
    })
    .await;
    let http = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", http.local_addr().unwrap());
    let router = app.platform.redirect_router();
    tokio::spawn(async move { axum::serve(http, router).await.unwrap() });
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let answer = client.get(format!("{base}/standup?x=1%0a")).send().await;
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 308);
    assert_eq!(
        answer.headers()["location"],
        "https://meet.example.org/standup?x=1%0a"
    );
    // No proof, and no way for one that is none to be taken for one.
    let unknown = format!("{base}{}unknown", super::PROOFS);
    assert_eq!(client.get(unknown).send().await.unwrap().status(), 404);
}
