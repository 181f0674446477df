//! Who is let in, and the words with which others are not: livekit-client tells its user by them.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use flate2::{Compression, write::GzEncoder};
use livekit_api::access_token::{AccessToken, VideoGrants};
use livekit_api::services::room::CreateRoomOptions;
use livekit_protocol::{
    ClientInfo, ConnectionSettings, JoinRequest, WrappedJoinRequest, signal_response,
    wrapped_join_request,
};
use prost::Message as _;
use std::{collections::HashMap, io::Write, time::Duration};

use crate::harness::{KEY, SECRET, TestServer, admin_token, join_token, token};

fn grants() -> VideoGrants {
    VideoGrants {
        room_join: true,
        room: "r".to_owned(),
        ..VideoGrants::default()
    }
}

/// A token that LiveKit's SDK declines to make.
fn odd_token(identity: &str, room: &str) -> String {
    let claims = livekit_wire::Claims {
        identity: identity.to_owned(),
        video: Some(livekit_wire::VideoGrants {
            room_join: true,
            room: room.to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let now = std::time::SystemTime::now();
    livekit_wire::token::sign(&claims, KEY, &SECRET.into(), now, Duration::from_mins(1)).unwrap()
}

fn wrap(request: &JoinRequest) -> String {
    let wrapped = WrappedJoinRequest {
        compression: 0,
        join_request: request.encode_to_vec(),
    };
    BASE64_URL_SAFE_NO_PAD.encode(wrapped.encode_to_vec())
}

fn request() -> JoinRequest {
    JoinRequest {
        client_info: Some(ClientInfo {
            protocol: 17,
            ..ClientInfo::default()
        }),
        connection_settings: Some(ConnectionSettings {
            auto_subscribe: true,
            ..ConnectionSettings::default()
        }),
        ..JoinRequest::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_page_says_ok_and_unknown_paths_are_not_found() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/").await, (200, "OK".to_owned()));
    assert_eq!(
        server.get("/nope").await,
        (404, "404 page not found\n".to_owned())
    );
    assert_eq!(server.get("/settings/regions").await.0, 404);
    assert_eq!(
        server.get("/rtc").await,
        (404, String::new()),
        "not an upgrade"
    );
    assert_eq!(
        server.get("/rtc/v1").await,
        (404, String::new()),
        "not an upgrade"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_has_the_status_and_the_text_of_the_real_server() {
    let server = TestServer::start().await;
    let good = join_token("r", "ann");
    let no_join = token(
        "ann",
        VideoGrants {
            room_join: false,
            ..grants()
        },
    );
    let nobody = odd_token("", "r");
    let no_room = odd_token("ann", "");
    let long = token(&"a".repeat(257), grants());
    let long_room = token(
        "ann",
        VideoGrants {
            room: "r".repeat(257),
            ..grants()
        },
    );
    let other_key = AccessToken::with_api_key("other", SECRET)
        .with_identity("ann")
        .with_grants(grants())
        .to_jwt()
        .unwrap();
    let other_secret = AccessToken::with_api_key(KEY, "wrong")
        .with_identity("ann")
        .with_grants(grants())
        .to_jwt()
        .unwrap();
    for (query, status, text) in [
        (String::new(), 401, "no permissions to access the room"),
        (
            "access_token=abc".to_owned(),
            401,
            "invalid authorization token",
        ),
        (
            format!("access_token={other_key}"),
            401,
            "invalid API key: other",
        ),
        (
            format!("access_token={other_secret}"),
            401,
            "invalid authorization token: signature is invalid",
        ),
        (format!("access_token={no_join}"), 401, "permissions denied"),
        (
            format!("access_token={nobody}"),
            400,
            "identity cannot be empty",
        ),
        (format!("access_token={no_room}"), 400, "no room name"),
        (
            format!("access_token={long}"),
            400,
            "participant identity length exceeds limits: max length 256",
        ),
        (
            format!("access_token={long_room}"),
            400,
            "room name length exceeds limits: max length 256",
        ),
        (
            format!("access_token={good}&attributes=zzz"),
            400,
            "cannot decode attributes",
        ),
        (
            format!("access_token={good}&attributes=eyJhIjoiYiJ9"),
            401,
            "no permissions to access the room",
        ),
        (
            format!("access_token={good}&join_request=%25"),
            400,
            "cannot base64 decode wrapped join request",
        ),
        (format!("access_token={good}"), 200, "success"),
    ] {
        let (got, body) = server.get(&format!("/rtc/validate?{query}")).await;
        assert_eq!((got, body.as_str()), (status, text), "{query}");
    }
    let v1 = format!("/rtc/v1/validate?access_token={good}");
    assert_eq!(
        server.get(&v1).await,
        (400, "join_request is required".to_owned())
    );
    assert_eq!(
        server
            .get(&format!("{v1}&join_request={}", wrap(&request())))
            .await
            .0,
        200
    );
    let refused = server
        .connect(&format!("/rtc?access_token={no_join}"))
        .await
        .err();
    assert_eq!(refused, Some((401, "permissions denied".to_owned())));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_accepted_for_a_minute_after_its_end() {
    let server = TestServer::start().await;
    let expired = |seconds: u64| {
        let past = std::time::SystemTime::now() - Duration::from_secs(seconds);
        let claims = livekit_wire::Claims {
            identity: "ann".to_owned(),
            video: Some(livekit_wire::VideoGrants {
                room_join: true,
                room: "r".to_owned(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let token =
            livekit_wire::token::sign(&claims, KEY, &SECRET.into(), past, Duration::ZERO).unwrap();
        format!("/rtc/validate?access_token={token}")
    };
    assert_eq!(server.get(&expired(30)).await.0, 200);
    let refused = server.get(&expired(3_600)).await;
    assert_eq!(
        refused,
        (
            401,
            "invalid authorization token: token is expired".to_owned()
        )
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_the_header_counts_and_other_schemes_do_not() {
    let server = TestServer::start().await;
    let client = reqwest::Client::new();
    let ask = async |value: String| {
        let answer = client
            .get(server.url("/rtc/validate"))
            .header("Authorization", value)
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(
        ask(format!("Bearer {}", join_token("r", "ann"))).await.0,
        200
    );
    let basic = ask("Basic x".to_owned()).await;
    assert_eq!(
        basic,
        (
            401,
            "invalid authorization header. Must start with Bearer ".to_owned()
        )
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_page_may_ask() {
    let server = TestServer::start().await;
    let client = reqwest::Client::new();
    let preflight = client
        .request(
            reqwest::Method::OPTIONS,
            server.url("/twirp/livekit.RoomService/ListRooms"),
        )
        .header("Origin", "https://x.example")
        .header("Access-Control-Request-Method", "POST")
        .header(
            "Access-Control-Request-Headers",
            "authorization,content-type",
        )
        .send()
        .await
        .unwrap();
    assert!(preflight.status().is_success());
    assert_eq!(
        preflight.headers()["access-control-allow-headers"],
        "authorization,content-type"
    );
    let refused = client
        .get(server.url("/rtc/validate"))
        .header("Origin", "https://x.example")
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(
        refused.headers()["access-control-allow-origin"],
        "*",
        "the page must be able to read why"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_with_a_trailing_slash_works() {
    let server = TestServer::start().await;
    let path = format!("//rtc/validate?access_token={}", join_token("r", "ann"));
    assert_eq!(server.get(&path).await.0, 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_auto_create_only_open_rooms_are_joined() {
    let server = TestServer::with("room: {auto_create: false}").await;
    let path = format!("/rtc/validate?access_token={}", join_token("r", "ann"));
    assert_eq!(
        server.get(&path).await,
        (404, "requested room does not exist".to_owned())
    );
    let client =
        livekit_api::services::room::RoomClient::with_api_key(&server.url(""), KEY, SECRET);
    client
        .create_room("r", CreateRoomOptions::default())
        .await
        .unwrap();
    assert_eq!(server.get(&path).await.0, 200);
    server.join("r", "ann").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn v1_joins_with_a_packed_request_of_thirty_kilobytes() {
    let server = TestServer::start().await;
    let claims = VideoGrants {
        can_update_own_metadata: Some(true),
        ..grants()
    };
    let request = JoinRequest {
        metadata: "m".repeat(22_000),
        participant_attributes: HashMap::from([("a".to_owned(), "1".to_owned())]),
        ..request()
    };
    let path = format!(
        "/rtc/v1?access_token={}&join_request={}",
        token("ann", claims),
        wrap(&request)
    );
    assert!(path.len() > 29_000);
    let mut signal = server.connect(&path).await.unwrap();
    let signal_response::Message::Join(join) = signal.next().await else {
        panic!("not a join")
    };
    assert!(
        !join.subscriber_primary,
        "livekit-client sends data on its only connection"
    );
    let me = join.participant.unwrap();
    assert_eq!(me.metadata, request.metadata);
    assert_eq!(me.attributes["a"], "1");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zip_bomb_is_refused_and_harms_nobody() {
    let server = TestServer::start().await;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; 16 << 20]).unwrap();
    let wrapped = WrappedJoinRequest {
        compression: wrapped_join_request::Compression::Gzip.into(),
        join_request: encoder.finish().unwrap(),
    };
    let bomb = BASE64_URL_SAFE_NO_PAD.encode(wrapped.encode_to_vec());
    let path = format!(
        "/rtc/v1/validate?access_token={}&join_request={bomb}",
        join_token("r", "ann")
    );
    assert_eq!(
        server.get(&path).await,
        (400, "join request too large".to_owned())
    );
    server.join("r", "ben").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_named() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let text = format!(
        "port: {port}\nbind_addresses: [127.0.0.1]\nkeys: {{{KEY}: {SECRET}}}\nrtc: {{udp_port: 0}}"
    );
    let (config, _) = media_server::Config::from_yaml(&text).unwrap();
    let error = media_server::Server::bind(&config)
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.starts_with(&format!("port: cannot listen on 127.0.0.1:{port}: ")),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admins_token_alone_does_not_join() {
    let server = TestServer::start().await;
    let path = format!("/rtc/validate?access_token={}", admin_token("r"));
    assert_eq!(
        server.get(&path).await,
        (401, "permissions denied".to_owned())
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publishing_twin_has_an_identity_of_its_own_and_subscribes_to_nothing() {
    let server = TestServer::start().await;
    let token = join_token("r", "ann");
    let _ann = server.join("r", "ann").await;
    let path = format!("/rtc?access_token={token}&protocol=16&publish=screen");
    let mut signal = server.connect(&path).await.unwrap();
    let signal_response::Message::Join(join) = signal.next().await else {
        panic!("not a join")
    };
    let twin = join.participant.unwrap();
    assert_eq!(twin.identity, "ann#screen");
    let refreshed = signal
        .until(|message| match message {
            signal_response::Message::RefreshToken(token) => Some(token),
            _ => None,
        })
        .await;
    let claims = livekit_api::access_token::TokenVerifier::with_api_key(KEY, SECRET)
        .verify(&refreshed)
        .unwrap();
    assert_eq!(claims.sub, "ann", "its next connection is no third person");
    let permission = twin.permission.unwrap();
    assert!(permission.can_publish && !permission.can_subscribe);
    assert_eq!(join.other_participants[0].identity, "ann");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_beyond_the_limit_is_refused_before_a_socket_exists() {
    let server = TestServer::with("limit: {max_participant_name_length: 8}").await;
    let named = |name: &str| {
        let token = AccessToken::with_api_key(KEY, SECRET)
            .with_identity("ann")
            .with_name(name);
        let token = token.with_grants(grants()).to_jwt().unwrap();
        format!("/rtc?access_token={token}&protocol=16")
    };
    let refused = server.connect(&named("123456789")).await.err().unwrap();
    assert_eq!(refused.0, 400, "{}", refused.1);
    assert!(server.connect(&named("12345678")).await.is_ok());
    server.stop().await;
}
