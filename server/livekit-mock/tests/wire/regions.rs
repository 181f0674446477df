//! `/settings/regions`, the other paths without a method, and what the options change about them.

use livekit_mock::{BindError, Options, Server};
use serde_json::{Value, json};

use crate::harness::{CREATE_ROOM, Mock, everything, options};

#[tokio::test]
async fn the_list_names_every_region_in_order() {
    let mock = Mock::start().await;
    for region in [0, 1] {
        let list = mock.get("/settings/regions").region(region).send().await;
        assert_eq!(
            (list.status, list.content_type.as_str()),
            (200, "application/json")
        );
        // Proto3 JSON: a distance of 0 is left out, 64-bit numbers are text.
        let wanted = json!({"regions": [
            {"region": "region-0", "url": mock.urls[0]},
            {"region": "region-1", "url": mock.urls[1], "distance": "1"},
        ]});
        assert_eq!(list.json(), wanted);
    }
    mock.stop().await;
}

#[tokio::test]
async fn no_client_keeps_the_list() {
    let mock = Mock::start().await;
    let answer = reqwest::get(format!("{}/settings/regions", mock.urls[0]))
        .await
        .unwrap();
    assert_eq!(answer.headers()["Cache-Control"], "max-age=0");
    mock.stop().await;
}

#[tokio::test]
async fn the_advertised_host_starts_the_urls() {
    let mock = Mock::with(Options {
        advertise_host: "https://mock.test/".parse().unwrap(),
        ..options()
    })
    .await;
    for url in &mock.urls {
        let port: u16 = url
            .strip_prefix("https://mock.test:")
            .unwrap()
            .parse()
            .unwrap();
        assert_ne!(port, 0);
    }
    mock.stop().await;
}

#[tokio::test]
async fn the_prefix_starts_the_calls() {
    for (prefix, path) in [("/api/v2", "/api/v2/"), ("/", "/")] {
        let mock = Mock::with(Options {
            twirp_prefix: prefix.parse().unwrap(),
            ..options()
        })
        .await;
        let answer = mock
            .get(&format!("{path}{CREATE_ROOM}"))
            .token(&everything())
            .send()
            .await;
        assert_eq!(answer.status, 200);
        assert_eq!(mock.get("/settings/regions").send().await.status, 200);
        let elsewhere = mock
            .get("/twirp/livekit.RoomService/CreateRoom")
            .send()
            .await;
        assert_eq!(elsewhere.status, if prefix == "/" { 200 } else { 404 });
        mock.stop().await;
    }
}

#[tokio::test]
async fn health_is_answered_and_other_paths_are_not_found() {
    let mock = Mock::start().await;
    for (path, status) in [
        ("/", 200),
        ("/_test/health", 200),
        ("/nope", 404),
        ("/twirp", 404),
        ("/rtc/v2", 404),
    ] {
        assert_eq!(mock.get(path).send().await.status, status, "{path}");
    }
    mock.stop().await;
}

#[tokio::test]
async fn what_cannot_be_listened_on_is_named() {
    let mock = Mock::start().await;
    let port: u16 = mock.urls[0].rsplit(':').next().unwrap().parse().unwrap();
    let bind = async |options: Options| Server::bind(options).await.err().unwrap();
    let taken = Options {
        ports: vec![0, port],
        ..options()
    };
    assert_eq!(
        bind(taken).await.to_string(),
        format!("port {port} is taken by another program")
    );
    let nowhere = Options {
        bind: "203.0.113.1".to_owned(),
        ..options()
    };
    assert_eq!(
        bind(nowhere).await.to_string(),
        "cannot listen on 203.0.113.1:0"
    );
    let none = Options {
        ports: Vec::new(),
        ..options()
    };
    assert!(matches!(bind(none).await, BindError::NoPorts));
    let open = Options {
        api_secret: "".into(),
        ..options()
    };
    assert!(matches!(bind(open).await, BindError::EmptySecret));
    mock.stop().await;
}

#[tokio::test]
async fn ipv6_is_written_with_or_without_brackets() {
    for bind in ["::1", "[::1]"] {
        let mock = Mock::with(Options {
            bind: bind.to_owned(),
            advertise_host: "http://[::1]".parse().unwrap(),
            ..options()
        })
        .await;
        let list: Value = mock.get("/settings/regions").send().await.json();
        assert_eq!(list["regions"][0]["url"], mock.urls[0]);
        mock.stop().await;
    }
}
