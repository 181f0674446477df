//! Programs that use the site as their LiveKit server, with a key of their own.

use std::time::{Duration, SystemTime};

use axum::body::Body;
use http::{Request, header};
use livekit_client::{CallError, Client, Code, Endpoint, Grant, Method, room_service};
use livekit_protocol as proto;
use livekit_wire::{ApiKeys, Claims, VideoGrants, token::sign};
use prost::Message;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    api_keys::SendOut,
    clock::Timestamp,
    jobs::Job,
    testing::{FakeLiveKit, StoppedClock, TestApp, TestClient, livekit::API_SECRET},
};

const EVERYTHING: [&str; 5] = [
    "room_join",
    "room_create",
    "room_list",
    "room_admin",
    "hidden",
];

/// A site, its administrator, and a program with a key.
struct Programs {
    app: TestApp,
    livekit: FakeLiveKit,
    admin: TestClient,
    url: String,
}

/// One key as the program knows it.
struct Key {
    id: String,
    issuer: String,
    secret: SecretString,
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + StoppedClock::START
}

impl Programs {
    async fn start() -> Programs {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let admin = app.admin().await;
        let url = format!("http://{}", app.listen().await);
        Programs {
            app,
            livekit,
            admin,
            url,
        }
    }

    async fn key(&mut self, grants: &[&str], rooms: Value) -> Key {
        let input = json!({"name": "A program", "grants": grants, "rooms": rooms});
        let made = self.admin.post("/api/api-keys", input).await;
        assert_eq!(made.status, 201, "{made:?}");
        let text = |name: &str| made.json[name].as_str().unwrap().to_owned();
        Key {
            id: text("id"),
            issuer: text("key"),
            secret: text("secret").into(),
        }
    }

    async fn revoke(&mut self, key: &Key) {
        let answer = self
            .admin
            .delete(&format!("/api/api-keys/{}", key.id))
            .await;
        assert_eq!(answer.status, 204, "{answer:?}");
    }

    async fn call<Input: Message, Output: Message + Default>(
        &self,
        key: &Key,
        method: Method<Input, Output>,
        grant: Grant<'_>,
        request: &Input,
    ) -> Result<Output, CallError> {
        let endpoint = Endpoint {
            url: self.url.parse().unwrap(),
            keys: ApiKeys::one(key.issuer.clone(), key.secret.clone()),
        };
        let http = http_edge::outbound::direct(&http_edge::outbound::Trust::default()).unwrap();
        let client = Client::new(endpoint, http.build().unwrap());
        client.call(method, grant, request, now()).await
    }

    async fn list(&self, key: &Key) -> Result<Vec<String>, CallError> {
        let request = proto::ListRoomsRequest::default();
        let rooms = self.call(key, room_service::LIST_ROOMS, Grant::ListRooms, &request);
        let mut names: Vec<_> = rooms
            .await?
            .rooms
            .into_iter()
            .map(|room| room.name)
            .collect();
        names.sort();
        Ok(names)
    }

    async fn create(&self, key: &Key, request: proto::CreateRoomRequest) -> Option<Code> {
        let made = self.call(key, room_service::CREATE_ROOM, Grant::CreateRooms, &request);
        made.await.err().map(|error| error.code().unwrap())
    }

    async fn standing(&self, token: &str) -> (u16, String) {
        let path = format!("/rtc/validate?access_token={token}");
        let answer = self.app.browser().get(&path).await;
        (answer.status, answer.code().to_owned())
    }
}

fn named(name: &str) -> proto::CreateRoomRequest {
    proto::CreateRoomRequest {
        name: name.to_owned(),
        ..Default::default()
    }
}

fn join(room: &str, identity: &str) -> Claims {
    Claims {
        identity: identity.to_owned(),
        video: Some(VideoGrants {
            room_join: true,
            room: room.to_owned(),
            ..VideoGrants::default()
        }),
        ..Claims::default()
    }
}

impl Key {
    fn sign(&self, claims: &Claims) -> String {
        sign(
            claims,
            &self.issuer,
            &self.secret,
            now(),
            Duration::from_hours(1),
        )
        .unwrap()
    }
}

#[tokio::test]
async fn a_call_goes_on_in_the_sites_name_and_the_answer_comes_back() {
    let mut site = Programs::start().await;
    let key = site.key(&EVERYTHING, Value::Null).await;
    assert_eq!(site.create(&key, named("lab")).await, None);
    assert_eq!(site.list(&key).await.unwrap(), ["lab"]);
    // The media server checked the signature: it knows its own key only.
    let [call] = &site.livekit.calls("CreateRoom")[..] else {
        panic!("one call")
    };
    assert!(call.claims.video.room_create && !call.claims.video.room_list);
    let listed = site.admin.get("/api/api-keys").await.json;
    assert_eq!(
        listed["items"][0]["last_used_at"],
        json!(site.app.app().now())
    );
}

#[tokio::test]
async fn no_key_a_wrong_secret_and_a_revoked_key_are_unauthenticated() {
    let mut site = Programs::start().await;
    let good = site.key(&EVERYTHING, Value::Null).await;
    let unauthenticated = |answer: Result<Vec<String>, CallError>| {
        assert_eq!(answer.unwrap_err().code(), Some(Code::Unauthenticated));
    };
    let stranger = Key {
        id: String::new(),
        issuer: "APIstranger".to_owned(),
        secret: good.secret.clone(),
    };
    unauthenticated(site.list(&stranger).await);
    let forger = Key {
        id: String::new(),
        issuer: good.issuer.clone(),
        secret: "something-else-of-at-least-thirty-two".into(),
    };
    unauthenticated(site.list(&forger).await);
    assert_eq!(site.list(&good).await.unwrap(), Vec::<String>::new());
    site.revoke(&good).await;
    unauthenticated(site.list(&good).await);
    let again = site
        .admin
        .delete(&format!("/api/api-keys/{}", good.id))
        .await;
    assert_eq!(again.code(), "not_found");
    assert_eq!(site.livekit.calls("ListRooms").len(), 1);
}

#[tokio::test]
async fn whoever_has_the_media_servers_own_key_may_all() {
    let site = Programs::start().await;
    let own = Key {
        id: String::new(),
        issuer: crate::testing::livekit::API_KEY.to_owned(),
        secret: API_SECRET.into(),
    };
    assert_eq!(site.list(&own).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_token_beyond_the_ceiling_never_reaches_the_media_server() {
    let mut site = Programs::start().await;
    let key = site
        .key(&["room_list", "room_create", "room_join"], Value::Null)
        .await;
    assert_eq!(site.list(&key).await.unwrap(), Vec::<String>::new());
    let request = proto::ListParticipantsRequest {
        room: "lab".to_owned(),
    };
    let method = room_service::LIST_PARTICIPANTS;
    let refused = site.call(&key, method, Grant::Room("lab"), &request).await;
    assert_eq!(refused.unwrap_err().code(), Some(Code::PermissionDenied));
    assert!(site.livekit.calls("ListParticipants").is_empty());
    // Recording is not smuggled in with a room.
    let recorded = proto::CreateRoomRequest {
        egress: Some(proto::RoomEgress::default()),
        ..named("lab")
    };
    assert_eq!(
        site.create(&key, recorded).await,
        Some(Code::PermissionDenied)
    );
    let mut smuggled = join("lab", "eve");
    smuggled.room_config = Some(proto::RoomConfiguration {
        egress: Some(proto::RoomEgress::default()),
        ..Default::default()
    });
    assert_eq!(
        site.standing(&key.sign(&smuggled)).await,
        (403, "beyond_api_key".to_owned())
    );
    let mut hidden = join("lab", "eve");
    hidden.video.as_mut().unwrap().hidden = true;
    assert_eq!(
        site.standing(&key.sign(&hidden)).await,
        (403, "beyond_api_key".to_owned())
    );
}

#[tokio::test]
async fn a_limited_key_touches_and_sees_its_rooms_only() {
    let mut site = Programs::start().await;
    let all = site.key(&EVERYTHING, Value::Null).await;
    let limited = site.key(&EVERYTHING, json!(["lab-*"])).await;
    for room in ["lab-1", "board"] {
        assert_eq!(site.create(&all, named(room)).await, None);
    }
    assert_eq!(site.list(&limited).await.unwrap(), ["lab-1"]);
    assert_eq!(site.create(&limited, named("lab-2")).await, None);
    assert_eq!(
        site.create(&limited, named("board2")).await,
        Some(Code::PermissionDenied)
    );
    let request = proto::ListParticipantsRequest {
        room: "board".to_owned(),
    };
    let method = room_service::LIST_PARTICIPANTS;
    let refused = site
        .call(&limited, method, Grant::Room("board"), &request)
        .await;
    assert_eq!(refused.unwrap_err().code(), Some(Code::PermissionDenied));
    assert_eq!(
        site.standing(&limited.sign(&join("board", "eve"))).await,
        (403, "room_of_others".to_owned())
    );
    assert_eq!(
        site.standing(&limited.sign(&join("lab-1", "eve"))).await.0,
        200
    );
    let elsewhere = site.key(&EVERYTHING, json!(["none"])).await;
    let about_no_room = site
        .call(
            &elsewhere,
            livekit_client::sip::LIST_SIP_INBOUND_TRUNK,
            Grant::ListRooms,
            &proto::ListSipInboundTrunkRequest::default(),
        )
        .await;
    assert_eq!(
        about_no_room.unwrap_err().code(),
        Some(Code::PermissionDenied)
    );
}

#[tokio::test]
async fn a_participant_joins_by_the_programs_token_and_leaves_with_its_key() {
    let mut site = Programs::start().await;
    let key = site.key(&EVERYTHING, Value::Null).await;
    let token = key.sign(&join("lab", "robot"));
    assert_eq!(site.standing(&token).await.0, 200);
    let path = format!("/rtc/v1?access_token={token}&sdk=js");
    site.app.browser().get(&path).await;
    let signals = site.livekit.signals();
    assert_eq!(signals[0].query, "sdk=js");
    let authorization = signals[0].headers[header::AUTHORIZATION].to_str().unwrap();
    assert_ne!(authorization, format!("Bearer {token}"));
    site.livekit.enter("lab", "robot", site.app.app().now());

    // The media server refreshes tokens with its own key; they end with the program's all the same.
    let refreshed = site
        .app
        .app()
        .livekit
        .sign(&join("lab", "robot"), now(), Duration::from_mins(10))
        .unwrap();
    assert_eq!(site.standing(&refreshed).await.0, 200);
    site.revoke(&key).await;
    let refused = (403, "api_key_revoked".to_owned());
    assert_eq!(site.standing(&refreshed).await, refused);
    assert_eq!(site.standing(&token).await, refused);
    let job = SendOut {
        api_key: key.id.parse().unwrap(),
    };
    job.run(site.app.app(), &CancellationToken::new())
        .await
        .unwrap();
    assert!(site.livekit.identities("lab").is_empty());

    // Another key lets the same participant in again.
    let other = site.key(&EVERYTHING, Value::Null).await;
    assert_eq!(
        site.standing(&other.sign(&join("lab", "robot"))).await.0,
        200
    );
    assert_eq!(site.standing(&refreshed).await.0, 200);
}

#[tokio::test]
async fn what_is_no_call_is_told_in_twirps_words() {
    let site = Programs::start().await;
    for (verb, path, content_type, status, code) in [
        (
            "GET",
            "/twirp/livekit.RoomService/ListRooms",
            "application/json",
            404,
            "bad_route",
        ),
        (
            "POST",
            "/twirp/livekit.RoomService/ListRooms",
            "text/plain",
            404,
            "bad_route",
        ),
        (
            "POST",
            "/twirp/livekit.RoomService/ListRooms",
            "application/json",
            401,
            "unauthenticated",
        ),
        (
            "POST",
            "/twirp/other.Service/Call",
            "application/json",
            404,
            "bad_route",
        ),
        (
            "POST",
            "/twirp/livekit.RoomService/..%2fListRooms",
            "application/json",
            404,
            "bad_route",
        ),
    ] {
        let request = Request::builder()
            .method(verb)
            .uri(path)
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from("{}"))
            .unwrap();
        let answer = site.app.browser().request(request).await;
        assert_eq!(
            (answer.status, answer.code()),
            (status, code),
            "{verb} {path}"
        );
    }
}

#[tokio::test]
async fn the_token_endpoint_answers_in_livekits_words() {
    let mut site = Programs::start().await;
    let key = site.key(&["room_join"], json!(["lab"])).await;
    let basic = |secret: &str| {
        use base64::{Engine, prelude::BASE64_STANDARD};
        format!(
            "Basic {}",
            BASE64_STANDARD.encode(format!("{}:{secret}", key.issuer))
        )
    };
    let mut program = site.app.browser();
    let input =
        json!({"room_name": "lab", "participant_identity": "ada", "participant_name": "Ada"});
    let path = "/api/livekit/token";
    assert_eq!(program.post(path, input.clone()).await.status, 401);
    program.set_header(header::AUTHORIZATION, &basic("wrong"));
    assert_eq!(program.post(path, input.clone()).await.status, 401);
    let secret = secrecy::ExposeSecret::expose_secret(&key.secret).to_owned();
    program.set_header(header::AUTHORIZATION, &basic(&secret));
    let made = program.post(path, input).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.json["server_url"], "ws://localhost:8080");
    let token = made.json["participant_token"].as_str().unwrap();
    assert_eq!(site.standing(token).await.0, 200);
    let other = program.post(path, json!({"room_name": "board"})).await;
    assert_eq!((other.status, other.code()), (403, "room_of_others"));
    let broken = program
        .post(path, json!({"room_name": "lab", "room_config": 7}))
        .await;
    assert_eq!(
        (broken.status, broken.json["field"].as_str()),
        (422, Some("room_config"))
    );
}

#[tokio::test]
async fn an_administrator_makes_and_reads_tokens() {
    let mut site = Programs::start().await;
    let key = site.key(&["room_join", "room_admin"], Value::Null).await;
    let input = |grants: &[&str], room: &str| {
        json!({
            "api_key_id": key.id, "grants": grants, "room": room, "identity": "ada", "lifetime": 600,
            "may": {"publish": false},
        })
    };
    let path = "/api/tokens";
    for (grants, room, status, field) in [
        (&["room_join"][..], "", 422, Some("room")),
        (&["room_record"], "lab", 403, None),
        (&["room_join"], "lab", 201, None),
    ] {
        let answer = site.admin.post(path, input(grants, room)).await;
        assert_eq!(
            (answer.status, answer.json["field"].as_str()),
            (status, field),
            "{grants:?}"
        );
    }
    let made = site
        .admin
        .post(path, input(&["room_join"], "lab"))
        .await
        .json;
    let token = made["token"].as_str().unwrap();
    // Who only looks at a token does not use its key.
    let look = json!({ "token": token });
    let seen = site.admin.post("/api/tokens/decode", look).await.json;
    assert_eq!(seen["verdict"], "good");
    let keys = site.admin.get("/api/api-keys").await.json;
    assert_eq!(keys["items"][0]["last_used_at"], json!(null), "{keys}");
    assert_eq!(site.standing(token).await.0, 200);
    let keys = site.admin.get("/api/api-keys").await.json;
    assert_ne!(keys["items"][0]["last_used_at"], json!(null));
    let decoded = site
        .admin
        .post("/api/tokens/decode", json!({"token": token}))
        .await
        .json;
    assert_eq!(
        (decoded["verdict"].as_str(), decoded["key_name"].as_str()),
        (Some("good"), Some("A program"))
    );
    assert_eq!(decoded["claims"]["video"]["canPublish"], json!(false));
    let expires_at: Timestamp = serde_json::from_value(made["expires_at"].clone()).unwrap();
    assert_eq!(decoded["claims"]["exp"], json!(expires_at.as_seconds()));
    let audit = site.admin.get("/api/admin/audit").await;
    assert!(
        audit.text.contains("token.created") && audit.text.contains("api_key.created"),
        "{audit:?}"
    );
    assert!(!audit.text.contains(token));

    site.app.advance(Duration::from_hours(1));
    for (token, verdict) in [
        (token.to_owned(), "expired"),
        (format!("{token}x"), "wrong_signature"),
        (token.replace('.', ".e30."), "wrong_signature"),
    ] {
        let answer = site
            .admin
            .post("/api/tokens/decode", json!({"token": token}))
            .await;
        let told = answer.json["verdict"].as_str().unwrap_or(answer.code());
        assert!(
            told == verdict || told == "unknown_key",
            "{told} {answer:?}"
        );
    }
    let nonsense = site
        .admin
        .post("/api/tokens/decode", json!({"token": "nonsense"}))
        .await;
    assert_eq!(nonsense.json["verdict"], "not_a_token");
    let mut ada = site.app.user("ada").await;
    assert_eq!(ada.post(path, json!({})).await.code(), "forbidden");
}

#[tokio::test]
async fn a_worker_comes_in_by_a_key_that_is_for_agents_and_for_every_room() {
    let mut site = Programs::start().await;
    let agents = site.key(&["agent"], Value::Null).await;
    let limited = site.key(&["agent"], json!(["lab-*"])).await;
    let other = site.key(&EVERYTHING, Value::Null).await;
    let worker = Claims {
        video: Some(VideoGrants {
            agent: true,
            ..VideoGrants::default()
        }),
        ..Claims::default()
    };
    // The fake media server has no such door, which says that the request got there.
    for (key, status, code) in [
        (&agents, 404, ""),
        (&limited, 403, "limited_key"),
        (&other, 403, "beyond_api_key"),
    ] {
        let path = format!("/agent?access_token={}", key.sign(&worker));
        let answer = site.app.browser().get(&path).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{answer:?}");
    }
    let path = format!("/agent?access_token={}x", agents.sign(&worker));
    assert_eq!(site.app.browser().get(&path).await.status, 401);
    assert_eq!(site.app.browser().get("/agent").await.status, 401);
    site.revoke(&agents).await;
    let path = format!("/agent?access_token={}", agents.sign(&worker));
    let answer = site.app.browser().get(&path).await;
    assert_eq!(answer.code(), "api_key_revoked");
}

/// What a request of a publisher is answered.
async fn publish(
    site: &Programs,
    (method, path): (&str, &str),
    token: Option<&str>,
) -> crate::testing::Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/sdp")
        .header(header::IF_MATCH, "\"1\"")
        .header(header::ORIGIN, "https://studio.example");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Body::from("v=0")).unwrap();
    site.app.browser().request(request).await
}

#[tokio::test]
async fn a_publisher_comes_in_by_a_key_and_finds_its_session_on_the_site() {
    let mut site = Programs::start().await;
    let key = site.key(&["room_join"], json!(["lab-*"])).await;
    let token = key.sign(&join("lab-1", "encoder"));
    let created = publish(&site, ("POST", "/whip/v1"), Some(&token)).await;
    assert_eq!((created.status, created.text.as_str()), (201, "v=0"));
    for (name, value) in [
        ("content-type", "application/sdp"),
        ("location", "/whip/v1/PA_1"),
        ("etag", "\"1\""),
        ("link", "<stun:stun.example>; rel=\"ice-server\""),
        ("access-control-allow-origin", "*"),
    ] {
        assert_eq!(created.headers[name], value, "{name}");
    }
    assert!(!created.headers.contains_key("set-cookie"));
    for method in ["PATCH", "DELETE"] {
        let path = "/whip/v1/PA_1";
        let answer = publish(&site, (method, path), Some(&token)).await;
        assert_eq!(answer.status, 201, "{method}");
    }
    // In the site's name, with the words of RFC 9725, and nothing in an address that a log could keep.
    for signal in site.livekit.signals() {
        let sent = signal.headers[header::AUTHORIZATION].to_str().unwrap();
        let claims = crate::testing::livekit::claims(sent.trim_start_matches("Bearer "));
        assert_eq!(
            (claims.sub.as_str(), claims.video.room.as_str()),
            ("encoder", "lab-1")
        );
        assert_eq!(signal.headers[header::IF_MATCH], "\"1\"");
        assert!(!signal.headers.contains_key("cookie"));
    }
    assert_eq!(site.livekit.signals().len(), 3);
    site.revoke(&key).await;
    for (method, path) in [("POST", "/whip/v1"), ("DELETE", "/whip/v1/PA_1")] {
        let answer = publish(&site, (method, path), Some(&token)).await;
        assert_eq!(answer.code(), "api_key_revoked", "{method}");
    }
    assert_eq!(site.livekit.signals().len(), 3);
}

#[tokio::test]
async fn a_publisher_keeps_below_its_keys_ceiling_and_to_its_rooms() {
    let mut site = Programs::start().await;
    let lab = site.key(&["room_join"], json!(["lab-*"])).await;
    let lister = site.key(&["room_list"], Value::Null).await;
    for (key, room, code) in [
        (&lab, "office", "room_of_others"),
        (&lister, "lab-1", "beyond_api_key"),
    ] {
        let token = key.sign(&join(room, "encoder"));
        let answer = publish(&site, ("POST", "/whip/v1"), Some(&token)).await;
        assert_eq!((answer.status, answer.code()), (403, code));
    }
    assert_eq!(site.livekit.signals().len(), 0);
}

#[tokio::test]
async fn no_address_of_a_publisher_leads_anywhere_else_on_the_media_server() {
    let mut site = Programs::start().await;
    let key = site
        .key(&["room_join", "room_create"], json!(["lab-*"]))
        .await;
    let token = key.sign(&join("lab-1", "encoder"));
    for path in [
        "/w/..\\whip\\v1",
        "/w/%2e%2e/metrics",
        "/w/%2E.",
        "/whip/v1/..\\..\\twirp\\livekit.RoomService\\DeleteRoom",
        "/whip/v1/%2e%2e%2f%2e%2e%2ftwirp%2flivekit.RoomService%2fListRooms",
    ] {
        let answer = publish(&site, ("POST", path), Some(&token)).await;
        assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
    }
    assert_eq!(site.livekit.signals().len(), 0);
}

#[tokio::test]
async fn a_stream_key_is_the_media_servers_business() {
    let site = Programs::start().await;
    for path in ["/w", "/w/a-key"] {
        let answer = publish(&site, ("POST", path), Some("a-key")).await;
        assert_eq!(answer.status, 201, "{path}");
    }
    let ended = publish(&site, ("DELETE", "/w/a-key/PA_1"), None).await;
    assert_eq!(ended.status, 201);
    let sent: Vec<_> = site.livekit.signals();
    assert_eq!(sent[0].headers[header::AUTHORIZATION], "Bearer a-key");
    assert_eq!(sent.len(), 3);
    assert_eq!(publish(&site, ("GET", "/w"), None).await.status, 405);
    // A page of another site asks before it publishes.
    for path in ["/w", "/whip/v1", "/w/a-key/PA_1"] {
        let ask = Request::builder()
            .method("OPTIONS")
            .uri(path)
            .header(header::ORIGIN, "https://studio.example")
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "PATCH")
            .header(
                header::ACCESS_CONTROL_REQUEST_HEADERS,
                "authorization,if-match",
            )
            .body(Body::empty());
        let told = site.app.browser().request(ask.unwrap()).await;
        let allowed = |name: &str| told.headers[name].to_str().unwrap().to_owned();
        assert_eq!(allowed("access-control-allow-origin"), "*", "{path}");
        assert!(allowed("access-control-allow-methods").contains("PATCH"));
        assert!(allowed("access-control-allow-headers").contains("authorization"));
    }
}
