//! Handing over delayed leave events, and what becomes of them at the homeserver.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use matrix_rtc::{Options, ids::ServerName};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{
    homeserver::{Asked, Homeserver, Names, WELL_KNOWN_CLIENT, json as text, vouch},
    service::{Answer, Service, get_token, options, sfu_get, with_full_access},
    sfu::Sfu,
};

const SERVER: &str = "hs.example:1";
const EVENTS: &str = "/_matrix/client/unstable/org.matrix.msc4140/delayed_events";

/// Vouches for users, names itself as client-server API and accepts every delayed event.
fn full(asked: &Asked) -> Response {
    match asked.path.as_str() {
        WELL_KNOWN_CLIENT => text(r#"{"m.homeserver":{"base_url":"https://hs.example:1/base/"}}"#),
        path if path.starts_with("/base") => text("{}"),
        _ => vouch(SERVER)(asked),
    }
}

async fn start(answer: fn(&Asked) -> Response) -> (Homeserver, Sfu, Options) {
    let homeserver = Homeserver::start(&["hs.example"], answer).await;
    let names = Names::default().with("hs.example", 1, homeserver.address);
    let sfu = Sfu::start().await;
    let options = with_full_access(options(names), SERVER, &sfu.url());
    (homeserver, sfu, options)
}

fn with_delay(mut body: Value, milliseconds: i64) -> String {
    body["delay_id"] = json!("syd/../1");
    body["delay_timeout"] = json!(milliseconds);
    body.to_string()
}

async fn delegate(service: &Service) -> Answer {
    let body = with_delay(get_token("ann", SERVER), 60_000);
    service.post("/delegate_delayed_leave", body).await
}

async fn posted(homeserver: &Homeserver) -> String {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let post = homeserver
            .asked()
            .into_iter()
            .find(|asked| asked.method == Method::POST);
        if let Some(asked) = post {
            return asked.path;
        }
        assert!(Instant::now() < deadline, "{:?}", homeserver.paths());
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_delegated_leave_is_kept_alive_at_the_homeservers_own_api() {
    let (homeserver, _sfu, options) = start(full).await;
    let service = Service::start(options).await;
    let answer = delegate(&service).await;
    assert_eq!((answer.status, &*answer.text), (200, "{}\n"));
    // The SFU says that the participant is there, so the event is restarted.
    assert_eq!(
        posted(&homeserver).await,
        format!("/base{EVENTS}/syd%2F..%2F1/restart")
    );
    service.matrix.close().await;
}

#[tokio::test]
async fn an_override_wins_over_the_well_known_file() {
    let (homeserver, _sfu, mut options) = start(full).await;
    let server = ServerName::parse(SERVER).unwrap();
    let url = "https://hs.example:1/base/override".parse().unwrap();
    options.homeservers.client_apis = [(server, url)].into();
    let service = Service::start(options).await;
    assert_eq!(delegate(&service).await.status, 200);
    assert_eq!(
        posted(&homeserver).await,
        format!("/base/override{EVENTS}/syd%2F..%2F1/restart")
    );
    assert!(!homeserver.paths().contains(&WELL_KNOWN_CLIENT.to_owned()));
    service.matrix.close().await;
}

#[tokio::test]
async fn both_token_endpoints_take_a_leave_along() {
    let (homeserver, sfu, options) = start(full).await;
    let service = Service::start(options).await;
    for (path, body) in [
        ("/sfu/get", sfu_get("ann", SERVER)),
        ("/get_token", get_token("ann", SERVER)),
    ] {
        let answer = service.post(path, with_delay(body, 60_000)).await;
        assert_eq!(answer.status, 200, "{path} {answer:?}");
    }
    assert_eq!(sfu.created().len(), 2);
    let lookups = homeserver
        .paths()
        .iter()
        .filter(|path| *path == WELL_KNOWN_CLIENT)
        .count();
    assert_eq!(lookups, 1, "the client-server API is remembered");
    assert!(
        service
            .matrix
            .metrics_text()
            .unwrap()
            .contains("convoke_matrix_delayed_leaves 2\n")
    );
    service.matrix.close().await;
}

#[tokio::test]
async fn without_a_client_server_api_no_room_is_opened() {
    let useless: [fn(&Asked) -> Response; 4] = [
        |asked| vouch(SERVER)(asked),
        |asked| match asked.path.as_str() {
            WELL_KNOWN_CLIENT => text("{}"),
            _ => vouch(SERVER)(asked),
        },
        |asked| match asked.path.as_str() {
            WELL_KNOWN_CLIENT => text(r#"{"m.homeserver":{"base_url":"ftp://x"}}"#),
            _ => vouch(SERVER)(asked),
        },
        |asked| match asked.path.as_str() {
            WELL_KNOWN_CLIENT => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            _ => vouch(SERVER)(asked),
        },
    ];
    for answer in useless {
        let (_homeserver, sfu, options) = start(answer).await;
        let service = Service::start(options).await;
        for (path, body) in [
            ("/sfu/get", sfu_get("ann", SERVER)),
            ("/get_token", get_token("ann", SERVER)),
            ("/delegate_delayed_leave", get_token("ann", SERVER)),
        ] {
            let answer = service.post(path, with_delay(body, 60_000)).await;
            assert_eq!(
                (answer.status, &*answer.text),
                (
                    400,
                    "{\"errcode\":\"M_BAD_JSON\",\"error\":\"Unable to resolve client-server API\"}\n"
                ),
                "{path}"
            );
        }
        assert!(sfu.created().is_empty());
    }
}

#[tokio::test]
async fn restricted_users_hand_over_nothing() {
    let (homeserver, _sfu, mut options) = start(full).await;
    options.full_access = matrix_rtc::FullAccess::Only([].into());
    let service = Service::start(options).await;
    let answer = delegate(&service).await;
    assert_eq!((answer.status, &*answer.errcode()), (403, "M_FORBIDDEN"));
    for (path, body) in [
        ("/sfu/get", sfu_get("ann", SERVER)),
        ("/get_token", get_token("ann", SERVER)),
    ] {
        let answer = service.post(path, with_delay(body, 60_000)).await;
        assert_eq!(
            (answer.status, &*answer.errcode()),
            (400, "M_BAD_JSON"),
            "{path}"
        );
    }
    assert!(
        homeserver
            .asked()
            .iter()
            .all(|asked| asked.method == Method::GET)
    );
}

#[tokio::test]
async fn a_service_that_ends_takes_nothing_over() {
    let (_homeserver, _sfu, options) = start(full).await;
    let service = Service::start(options).await;
    service.matrix.close().await;
    let answer = delegate(&service).await;
    assert_eq!(
        (answer.status, &*answer.text),
        (
            503,
            "{\"errcode\":\"M_UNKNOWN\",\"error\":\"Service is shutting down\"}\n"
        )
    );
}
