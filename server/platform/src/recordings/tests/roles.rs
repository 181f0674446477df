//! Every way to read a recording, with every role of the site.

use serde_json::json;

use super::Scene;
use crate::accounts::{Right, Role};

const OF_ONE: [&str; 6] = ["", "/media", "/poster", "/preview", "/timeline", "/tracks"];

#[tokio::test]
async fn recordings_are_read_by_those_roles_that_may_and_are_not_there_for_others() {
    let mut scene = Scene::start().await;
    let recorded = scene.completed(b"a film").await;
    let id = recorded.path.rsplit('/').next().unwrap();
    let mut admin = scene.app.admin().await;
    for role in [Role::Admin, Role::Support, Role::Auditor, Role::User] {
        let mut who = scene.app.user(&format!("their-{role}")).await;
        let path = format!("/api/users/{}", who.user_id);
        let made = admin.patch(&path, json!({ "role": role })).await;
        assert_eq!(made.status, 200, "{made:?}");
        let sees = role.may(Right::SeeRecordings);
        for rest in OF_ONE {
            let path = format!("{}{rest}", recorded.path);
            let owners = scene.ada.get(&path).await;
            let theirs = who.get(&path).await;
            if sees {
                let (theirs, owners) = (
                    (theirs.status, theirs.code()),
                    (owners.status, owners.code()),
                );
                assert_eq!(theirs, owners, "{role} {rest}");
            } else {
                let told = (theirs.status, theirs.json["detail"].as_str());
                let none = (404, Some("There is no such recording."));
                assert_eq!(told, none, "{role} {rest}");
            }
        }
        let links = who.get(&format!("{}/shares", recorded.path)).await;
        let expected = match role {
            Role::Admin => 200,
            Role::Auditor => 403,
            Role::Support | Role::User => 404,
        };
        assert_eq!(links.status, expected, "{role}: {links:?}");
        let together = who.get(&format!("/api/recordings/download?ids={id}")).await;
        assert_eq!(together.status, if sees { 200 } else { 404 }, "{role}");
        let of_room = who.get(&scene.room.path("/recordings")).await;
        assert_eq!(of_room.status, if sees { 200 } else { 403 }, "{role}");
        // Own rooms' only, whatever the role.
        let own = who.get("/api/recordings").await;
        assert_eq!(
            (own.status, &own.json["items"]),
            (200, &json!([])),
            "{role}"
        );
    }
}
