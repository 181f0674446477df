//! Who gets which token, and for whom a room is opened.

use livekit_wire::proto::CreateRoomRequest;
use serde_json::json;

use super::{
    homeserver::{Homeserver, Names, USER_INFO, json as text, vouch},
    service::{Service, get_token, options, sfu_get, with_full_access},
    sfu::Sfu,
};

const SERVER: &str = "hs.example:1";
/// SHA-256 of `["!room:example.com","m.call#ROOM"]`.
const ROOM: &str = "krj2dgxw2K6EOm9he4GfQJ6JsSVWfJ8a7BkyjZcSmxs";

async fn homeserver() -> (Homeserver, Names) {
    let homeserver = Homeserver::start(&["hs.example"], vouch(SERVER)).await;
    let names = Names::default().with("hs.example", 1, homeserver.address);
    (homeserver, names)
}

#[tokio::test]
async fn a_token_of_sfu_get_names_user_and_device_for_an_hour() {
    let (homeserver, names) = homeserver().await;
    let service = Service::with(names).await;
    let answer = service.sfu_get("ann", SERVER).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["url"], "ws://127.0.0.1:9");
    let claims = answer.claims();
    assert_eq!(claims["iss"], "devkey");
    assert_eq!(claims["sub"], "@ann:hs.example:1:DEVICE");
    assert_eq!(claims["identity"], claims["sub"]);
    let lifetime = claims["exp"].as_u64().unwrap() - claims["nbf"].as_u64().unwrap();
    assert_eq!(lifetime, 3600);
    assert_eq!(
        claims["video"],
        json!({
            "roomJoin": true,
            "room": ROOM,
            "canPublish": true,
            "canSubscribe": true,
        })
    );
    let asked = homeserver.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!((&*asked[0].host, &*asked[0].path), (SERVER, USER_INFO));
    assert_eq!(asked[0].query["access_token"], "ann");
}

#[tokio::test]
async fn a_token_of_get_token_hides_who_it_is_for() {
    let (_homeserver, names) = homeserver().await;
    let service = Service::with(names).await;
    let body = get_token("ann", SERVER);
    let answer = service.post("/get_token", body.to_string()).await;
    let claims = answer.claims();
    assert_eq!(claims["video"]["room"], ROOM);
    let identity = claims["sub"].as_str().unwrap();
    assert_eq!(identity.len(), 43);
    assert!(!identity.contains("ann"), "{identity}");
}

#[tokio::test]
async fn a_room_is_opened_for_users_with_full_access_only() {
    let (_homeserver, names) = homeserver().await;
    let sfu = Sfu::start().await;
    let service = Service::start(with_full_access(options(names), SERVER, &sfu.url())).await;
    let answer = service.sfu_get("ann", SERVER).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["url"], sfu.url());
    let opened = CreateRoomRequest {
        name: ROOM.to_owned(),
        empty_timeout: 300,
        departure_timeout: 20,
        ..CreateRoomRequest::default()
    };
    assert_eq!(sfu.created(), [opened]);

    let (_homeserver, names) = homeserver().await;
    let service = Service::start(with_full_access(
        options(names),
        "other.example",
        &sfu.url(),
    ))
    .await;
    assert_eq!(service.sfu_get("ann", SERVER).await.status, 200);
    assert_eq!(sfu.created().len(), 1);
}

#[tokio::test]
async fn without_a_room_there_is_no_token() {
    let (_homeserver, names) = homeserver().await;
    let sfu = Sfu::start().await;
    sfu.refuse();
    let service = Service::start(with_full_access(options(names), SERVER, &sfu.url())).await;
    let answer = service.sfu_get("ann", SERVER).await;
    assert_eq!(answer.status, 500);
    assert_eq!(
        answer.text,
        "{\"errcode\":\"M_UNKNOWN\",\"error\":\"Unable to create room on SFU\"}\n"
    );
}

#[tokio::test]
async fn a_homeserver_cannot_vouch_for_users_of_another() {
    for sub in ["@ann:other.example", "@ann:HS.example:1", "@ann", ""] {
        let info = format!(r#"{{"sub":"{sub}"}}"#);
        let homeserver = Homeserver::start(&["hs.example"], move |_| text(&info)).await;
        let names = Names::default().with("hs.example", 1, homeserver.address);
        let answer = Service::with(names).await.sfu_get("ann", SERVER).await;
        assert_eq!(
            (answer.status, &*answer.errcode()),
            (401, "M_UNAUTHORIZED"),
            "{sub}"
        );
    }
}

#[tokio::test]
async fn who_claims_to_be_somebody_else_is_turned_away() {
    let (_homeserver, names) = homeserver().await;
    let service = Service::with(names).await;
    let mut body = get_token("ann", SERVER);
    body["member"]["claimed_user_id"] = json!("@bob:hs.example:1");
    let answer = service.post("/get_token", body.to_string()).await;
    assert_eq!((answer.status, &*answer.errcode()), (401, "M_UNAUTHORIZED"));
}

#[tokio::test]
async fn a_token_is_escaped_on_its_way_to_the_homeserver() {
    let (homeserver, names) = homeserver().await;
    let service = Service::with(names).await;
    let token = "a&b=c d+e%66/ü#";
    let answer = service
        .post("/sfu/get", sfu_get(token, SERVER).to_string())
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(homeserver.asked()[0].query["access_token"], token);
}

#[tokio::test]
async fn participants_may_change_their_own_metadata_where_the_operator_wants_it() {
    let (_homeserver, names) = homeserver().await;
    let mut options = options(names);
    options.livekit.can_update_own_metadata = true;
    let answer = Service::start(options).await.sfu_get("ann", SERVER).await;
    assert_eq!(answer.claims()["video"]["canUpdateOwnMetadata"], true);
}
