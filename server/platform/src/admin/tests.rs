//! Every route of the administration with every role.

use std::collections::BTreeSet;

use http::{Method, Request, header};
use serde_json::{Value, json};

use crate::{
    accounts::{Right, Role},
    router,
    testing::{TestApp, TestClient, TestRoom},
};

const ROLES: [Role; 4] = [Role::Admin, Role::Support, Role::Auditor, Role::User];

/// What the API's description calls its parts.
const ADMINISTRATION: [&str; 10] = [
    "admin",
    "users",
    "invites",
    "api-keys",
    "live-rooms",
    "agents",
    "ingress",
    "egress",
    "sip",
    "webhooks",
];

/// Every route of the administration, and what it takes.
const ROUTES: [(&str, &str, Right); 107] = [
    ("get", "/api/admin/doctor/checks", Right::SeeSite),
    ("post", "/api/admin/doctor/checks", Right::Administer),
    ("get", "/api/admin/doctor/checks/{id}/text", Right::SeeSite),
    ("get", "/api/admin/usage", Right::SeeRooms),
    ("get", "/api/metrics", Right::SeeRooms),
    ("get", "/api/admin/overview", Right::SeeRooms),
    ("get", "/api/admin/health", Right::SeeSite),
    ("get", "/api/admin/rooms", Right::SeeRooms),
    ("get", "/api/admin/rooms/export", Right::SeeRooms),
    ("get", "/api/admin/meetings", Right::SeeRooms),
    ("get", "/api/admin/meetings/export", Right::SeeRooms),
    ("get", "/api/admin/meetings/{id}", Right::SeeRooms),
    ("get", "/api/admin/audit/export", Right::SeeSite),
    ("get", "/api/admin/recordings/export", Right::SeeRecordings),
    ("get", "/api/admin/users/export", Right::SeeSite),
    ("post", "/api/users", Right::Administer),
    ("get", "/api/users/{id}", Right::SeeSite),
    ("get", "/api/users/{id}/sessions", Right::SeeSite),
    ("delete", "/api/users/{id}/sessions", Right::Administer),
    (
        "delete",
        "/api/users/{id}/sessions/{session_id}",
        Right::Administer,
    ),
    ("post", "/api/invites/bulk", Right::Administer),
    ("get", "/api/admin/audit", Right::SeeSite),
    ("get", "/api/admin/recordings", Right::SeeRecordings),
    (
        "post",
        "/api/admin/recordings/{id}/retry",
        Right::Administer,
    ),
    ("get", "/api/users", Right::SeeSite),
    ("patch", "/api/users/{id}", Right::Administer),
    ("delete", "/api/users/{id}", Right::Administer),
    ("post", "/api/users/{id}/reset-link", Right::Administer),
    ("get", "/api/invites", Right::SeeSite),
    ("post", "/api/invites", Right::Administer),
    ("delete", "/api/invites/{id}", Right::Administer),
    ("get", "/api/api-keys", Right::SeeSite),
    ("post", "/api/api-keys", Right::Administer),
    ("delete", "/api/api-keys/{id}", Right::Administer),
    ("post", "/api/tokens", Right::Administer),
    ("post", "/api/tokens/decode", Right::SeeSite),
    ("get", "/api/livekit/rooms", Right::SeeRooms),
    ("post", "/api/livekit/rooms", Right::Administer),
    ("get", "/api/livekit/rooms/{name}", Right::SeeRooms),
    ("patch", "/api/livekit/rooms/{name}", Right::ModerateRooms),
    ("delete", "/api/livekit/rooms/{name}", Right::ModerateRooms),
    (
        "post",
        "/api/livekit/rooms/{name}/data",
        Right::ModerateRooms,
    ),
    (
        "get",
        "/api/livekit/rooms/{name}/participants",
        Right::SeeRooms,
    ),
    (
        "get",
        "/api/livekit/rooms/{name}/participants/{identity}",
        Right::SeeRooms,
    ),
    (
        "patch",
        "/api/livekit/rooms/{name}/participants/{identity}",
        Right::ModerateRooms,
    ),
    (
        "delete",
        "/api/livekit/rooms/{name}/participants/{identity}",
        Right::ModerateRooms,
    ),
    (
        "post",
        "/api/livekit/rooms/{name}/participants/{identity}/tracks/{sid}/mute",
        Right::ModerateRooms,
    ),
    ("get", "/api/agents", Right::SeeSite),
    ("get", "/api/agents/commands", Right::SeeSite),
    ("get", "/api/agents/commands/{name}/log", Right::SeeSite),
    (
        "post",
        "/api/agents/commands/{name}/start",
        Right::Administer,
    ),
    (
        "post",
        "/api/agents/commands/{name}/stop",
        Right::Administer,
    ),
    (
        "put",
        "/api/agents/commands/{name}/scale",
        Right::Administer,
    ),
    ("get", "/api/agents/dispatches", Right::SeeSite),
    ("post", "/api/agents/dispatches", Right::Administer),
    ("delete", "/api/agents/dispatches/{id}", Right::Administer),
    ("get", "/api/agents/rooms", Right::SeeSite),
    ("get", "/api/rooms/{slug}/agents", Right::SeeSite),
    ("post", "/api/rooms/{slug}/agents", Right::Administer),
    ("delete", "/api/rooms/{slug}/agents/{id}", Right::Administer),
    ("post", "/api/agents/jobs/{id}/end", Right::Administer),
    ("post", "/api/agents/workers/{id}/drain", Right::Administer),
    ("get", "/api/livekit/services", Right::SeeSite),
    ("get", "/api/config", Right::SeeSite),
    ("get", "/api/admin/settings", Right::SeeSite),
    ("patch", "/api/admin/settings", Right::Administer),
    ("get", "/api/admin/log", Right::SeeSite),
    ("get", "/api/admin/jobs", Right::SeeSite),
    ("get", "/api/admin/support-bundle", Right::Administer),
    ("get", "/api/sip/trunks", Right::SeeSite),
    ("post", "/api/sip/trunks", Right::Administer),
    ("put", "/api/sip/trunks/{id}", Right::Administer),
    ("delete", "/api/sip/trunks/{id}", Right::Administer),
    // As it is set whole: headers and metadata may hold secrets.
    ("get", "/api/sip/trunks/{id}/message", Right::Administer),
    ("put", "/api/sip/trunks/{id}/message", Right::Administer),
    ("get", "/api/sip/rules", Right::SeeSite),
    ("post", "/api/sip/rules", Right::Administer),
    ("put", "/api/sip/rules/{id}", Right::Administer),
    ("delete", "/api/sip/rules/{id}", Right::Administer),
    ("get", "/api/sip/rules/{id}/message", Right::Administer),
    ("put", "/api/sip/rules/{id}/message", Right::Administer),
    ("get", "/api/sip/calls", Right::SeeSite),
    ("post", "/api/sip/calls", Right::Administer),
    ("post", "/api/sip/calls/transfer", Right::Administer),
    ("get", "/api/egress", Right::SeeSite),
    ("post", "/api/egress", Right::Administer),
    ("patch", "/api/egress/{id}", Right::Administer),
    ("post", "/api/egress/{id}/stop", Right::Administer),
    ("get", "/api/ingress", Right::SeeSite),
    ("post", "/api/ingress", Right::Administer),
    ("patch", "/api/ingress/{id}", Right::Administer),
    ("delete", "/api/ingress/{id}", Right::Administer),
    // Their addresses may hold secrets.
    ("get", "/api/webhooks", Right::Administer),
    ("post", "/api/webhooks", Right::Administer),
    ("get", "/api/webhooks/{id}", Right::Administer),
    ("delete", "/api/webhooks/{id}", Right::Administer),
    ("patch", "/api/webhooks/{id}", Right::Administer),
    ("get", "/api/webhooks/{id}/deliveries", Right::Administer),
    (
        "get",
        "/api/webhooks/{id}/deliveries/{delivery_id}",
        Right::Administer,
    ),
    (
        "post",
        "/api/webhooks/{id}/deliveries/{delivery_id}/replay",
        Right::Administer,
    ),
    ("post", "/api/webhooks/{id}/replay", Right::Administer),
    (
        "post",
        "/api/webhooks/{id}/rotate-secret",
        Right::Administer,
    ),
    ("post", "/api/webhooks/{id}/test", Right::Administer),
    ("get", ROOM_READ[0], Right::SeeRooms),
    ("get", ROOM_READ[1], Right::SeeRooms),
    ("get", ROOM_READ[2], Right::SeeRooms),
    ("get", ROOM_READ[3], Right::SeeRooms),
];

/// Routes of rooms, for those who have nothing to do with the room.
const ROOM_READ: [&str; 4] = [
    "/api/rooms/{slug}/meetings",
    "/api/rooms/{slug}/bans",
    "/api/rooms/{slug}/audit",
    "/api/rooms/{slug}/quality?identity=g-1",
];
const ROOM_MODERATED: [(&str, &str, &str); 5] = [
    ("put", "/lock", r#"{"locked": true}"#),
    ("post", "/end", "{}"),
    ("post", "/mute-all", r#"{"source": "microphone"}"#),
    ("post", "/participants/g-1/kick", "{}"),
    ("post", "/participants/g-1/ban", "{}"),
];
const ROOM_RUN: [(&str, &str, &str); 4] = [
    ("patch", "", "{}"),
    ("delete", "", "{}"),
    (
        "post",
        "/members",
        r#"{"email": "a@example.org", "role": "member"}"#,
    ),
    ("post", "/recordings", "{}"),
];

/// Somebody with this role.
async fn with_role(app: &TestApp, admin: &mut TestClient, role: Role) -> TestClient {
    let user = app.user(&format!("their-{role}")).await;
    let path = format!("/api/users/{}", user.user_id);
    let made = admin.patch(&path, json!({ "role": role })).await;
    assert_eq!(made.status, 200, "{made:?}");
    user
}

async fn ask(who: &mut TestClient, method: &str, path: &str) -> (u16, String) {
    send(who, method, path, "{}").await
}

async fn send(who: &mut TestClient, method: &str, path: &str, body: &'static str) -> (u16, String) {
    let path = path
        .replace("{id}", "0199d5a0-0000-7000-8000-00000000dead")
        .replace("{session_id}", "0199d5a0-0000-7000-8000-00000000dead")
        .replace("{name}", "hall")
        .replace("{identity}", "bot")
        .replace("{sid}", "TR_1");
    let method: Method = method.to_uppercase().parse().unwrap();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.into())
        .unwrap();
    let answer = who.request(request).await;
    (answer.status, answer.code().to_owned())
}

#[tokio::test]
async fn every_route_of_the_administration_is_open_to_the_roles_that_may_and_closed_to_all_others()
{
    let app = TestApp::start().await;
    let mut admin = app.admin().await;
    let mut ada = app.user("ada").await;
    let room = TestRoom::create(&mut ada, json!({"access": "private"})).await;
    for role in ROLES {
        let mut who = with_role(&app, &mut admin, role).await;
        for (method, path, right) in ROUTES {
            let path = path.replace("{slug}", &room.slug);
            let (status, code) = ask(&mut who, method, &path).await;
            let refused = (status, code.as_str()) == (403, "forbidden");
            assert_eq!(
                !refused,
                role.may(right),
                "{role} {method} {path}: {status} {code}"
            );
            assert_ne!(status, 401, "{role} {method} {path}");
        }
    }
    for (method, path, _) in ROUTES {
        let path = path.replace("{slug}", &room.slug);
        let (status, code) = ask(&mut app.browser(), method, &path).await;
        assert_eq!(
            (status, code.as_str()),
            (401, "unauthenticated"),
            "{method} {path}"
        );
    }
}

#[test]
fn no_route_of_the_administration_is_left_out() {
    let document: Value = serde_json::from_str(&router::openapi_json()).unwrap();
    let known: BTreeSet<(&str, &str)> = ROUTES
        .iter()
        .map(|(method, path, _)| (*method, *path))
        .collect();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let tag = operation["tags"][0].as_str().unwrap_or_default();
            let ours = ADMINISTRATION.contains(&tag);
            // A program comes with its key's secret.
            if ours && path != "/api/livekit/token" {
                assert!(
                    known.contains(&(method.as_str(), path.as_str())),
                    "{method} {path}"
                );
            }
        }
    }
}

#[tokio::test]
async fn support_moderates_any_room_and_changes_none_and_an_auditor_only_looks() {
    for role in [Role::Support, Role::Auditor, Role::User] {
        let (app, _livekit) = TestApp::start_with_livekit().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({"access": "private"})).await;
        let mut who = with_role(&app, &mut admin, role).await;
        let members = ask(&mut who, "get", &room.path("/members")).await.0;
        assert_eq!(members == 200, role.may(Right::SeeRooms), "{role}");
        let recordings = ask(&mut who, "get", &room.path("/recordings")).await.0;
        assert_eq!(recordings == 200, role.may(Right::SeeRecordings), "{role}");
        for (method, rest, body) in ROOM_RUN {
            let (status, code) = send(&mut who, method, &room.path(rest), body).await;
            assert_eq!(
                (status, code.as_str()),
                (403, "forbidden"),
                "{role} {method} {rest}"
            );
        }
        for (method, rest, body) in ROOM_MODERATED {
            let (status, code) = send(&mut who, method, &room.path(rest), body).await;
            let refused = (status, code.as_str()) == (403, "forbidden");
            assert_eq!(
                !refused,
                role.may(Right::ModerateRooms),
                "{role} {method} {rest}: {status}"
            );
        }
        // Whatever they see, they come in as what they are there.
        let join = room.join(&mut who, "Visitor").await;
        assert_eq!((join.status, join.code()), (403, "private"), "{role}");
    }
}

#[tokio::test]
async fn a_role_holds_from_the_next_request_on_and_the_last_administrator_stays_one() {
    let app = TestApp::start().await;
    let mut admin = app.admin().await;
    let own = format!("/api/users/{}", admin.user_id);
    for role in [Role::Support, Role::Auditor, Role::User] {
        let refused = admin.patch(&own, json!({ "role": role })).await;
        assert_eq!(refused.code(), "last_admin", "{role}");
    }
    let mut ada = with_role(&app, &mut admin, Role::Auditor).await;
    assert_eq!(ada.get("/api/users").await.status, 200);
    let path = format!("/api/users/{}", ada.user_id);
    admin.patch(&path, json!({"role": "support"})).await;
    assert_eq!(ada.get("/api/users").await.code(), "forbidden");
    assert_eq!(ada.get("/api/admin/overview").await.status, 200);
    admin.patch(&path, json!({"disabled": true})).await;
    assert_eq!(ada.get("/api/admin/overview").await.status, 401);
    let records = admin.get("/api/admin/audit").await.json;
    let told = records["items"].to_string();
    assert!(
        told.contains(r#""role":{"from":"auditor","to":"support"}"#),
        "{told}"
    );
}
