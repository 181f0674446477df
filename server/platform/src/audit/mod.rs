//! The record of who did what, written in the transaction of what was done and never changed; forgotten when it is old enough.

mod changes;
mod clean_up;
mod list;
mod model;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use changes::changes;
pub use clean_up::clean_up;
pub use list::{AuditQuery, page};
pub use model::{Action, Actor, AuditRecord};

use crate::{
    app::App,
    clock::Timestamp,
    db::{DbError, Tx},
    random::Random,
    rooms::KnownRoom,
};
use model::AuditId;

/// Writes down who did what, in `room` where it was done in one.
pub async fn record(
    tx: &mut Tx,
    (random, now): (&Random, Timestamp),
    actor: &Actor,
    room: Option<&KnownRoom>,
    action: Action,
) -> Result<(), DbError> {
    store::insert(tx, AuditId::new(random, now), now, actor, room, &action).await
}

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(list::list_of_room))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::testing::{TestApp, TestRoom};

    #[tokio::test]
    async fn records_call_people_by_their_names_and_say_what_changed() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let grace = app.user("grace").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let guest = room.enter(&app, &livekit, &mut app.browser()).await;
        // Records of one moment stand in any order.
        let later = || app.advance(Duration::from_millis(1));
        later();
        let member = json!({"email": "grace@example.org", "role": "member"});
        ada.post(&room.path("/members"), member).await;
        later();
        let path = room.path(&format!("/members/{}", grace.user_id));
        ada.patch(&path, json!({"role": "moderator"})).await;
        later();
        let change = json!({"name": "Daily", "media": {"chat": false}});
        ada.patch(&room.path(""), change).await;
        later();
        let path = room.path(&format!("/participants/{}", guest.identity));
        ada.put(&format!("{path}/permissions"), json!({"video": false}))
            .await;
        later();
        ada.post(&format!("{path}/kick"), json!({})).await;
        let records = ada.get(&room.path("/audit")).await.json;
        let told: Vec<_> = records["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|record| {
                let of = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
                (
                    of("action"),
                    of("target_name"),
                    record["detail"]["changes"].clone(),
                )
            })
            .collect();
        let change =
            |action: &str, name: &str, changes| (action.to_owned(), name.to_owned(), changes);
        let nothing = || json!(null);
        let expected = [
            change("participant.kicked", &guest.info.name, nothing()),
            change(
                "participant.permitted",
                &guest.info.name,
                json!({"video": {"from": true, "to": false}}),
            ),
            change(
                "room.updated",
                "",
                json!({
                    "name": {"from": "Standup", "to": "Daily"},
                    "media.chat": {"from": true, "to": false},
                }),
            ),
            change(
                "member.updated",
                "grace",
                json!({"role": {"from": "member", "to": "moderator"}}),
            ),
            change("member.added", "grace", nothing()),
            change("room.created", "", nothing()),
        ];
        assert_eq!(told, expected);
        assert!(!guest.info.name.is_empty());
    }

    #[tokio::test]
    async fn the_record_is_narrowed_by_who_what_where_and_when() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let other = TestRoom::create(&mut admin, json!({})).await;
        let noon = app.app().now();
        app.advance(Duration::from_mins(1));
        ada.patch(&room.path(""), json!({"name": "Daily"})).await;
        let told = async |admin: &mut crate::testing::TestClient, query: &str| {
            let listed = admin.get(&format!("/api/admin/audit?{query}")).await;
            assert_eq!(listed.status, 200, "{listed:?}");
            let items = listed.json["items"].as_array().unwrap().clone();
            let of = |record: serde_json::Value| {
                let action = record["action"].as_str().unwrap().to_owned();
                (action, record["room_slug"].as_str().map(str::to_owned))
            };
            items.into_iter().map(of).collect::<Vec<_>>()
        };
        let made = |slug: &str| ("room.created".to_owned(), Some(slug.to_owned()));
        let changed = ("room.updated".to_owned(), Some(room.slug.clone()));
        let mut rooms = told(&mut admin, "action=room.created").await;
        rooms.sort();
        let mut both = vec![made(&room.slug), made(&other.slug)];
        both.sort();
        assert_eq!(rooms, both);
        let hers = format!("user_id={}", ada.user_id);
        assert_eq!(
            told(&mut admin, &format!("{hers}&action=room.created")).await,
            [made(&room.slug)]
        );
        let there = format!("room={}", room.slug);
        assert_eq!(
            told(&mut admin, &there).await,
            [changed.clone(), made(&room.slug)]
        );
        let since = format!("{there}&from={}", noon.0 + 1);
        assert_eq!(told(&mut admin, &since).await, [changed]);
        let until = format!("{there}&to={}", noon.0 + 1);
        assert_eq!(told(&mut admin, &until).await, [made(&room.slug)]);
        let nobody = format!("{since}&action=room.created");
        assert!(told(&mut admin, &nobody).await.is_empty());
        let page = format!("/api/admin/audit?{there}&limit=1");
        let first = admin.get(&page).await.json;
        let cursor = first["next_cursor"].as_str().unwrap();
        let second = admin.get(&format!("{page}&cursor={cursor}")).await.json;
        assert_eq!(second["items"][0]["action"], json!("room.created"));
    }

    #[tokio::test]
    async fn an_invitation_is_called_by_its_note_also_when_it_is_gone() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        // Records of one moment stand in any order.
        app.advance(Duration::from_millis(1));
        let made = admin.post("/api/invites", json!({"note": "for Lin"})).await;
        let id = made.json["id"].as_str().unwrap();
        admin.delete(&format!("/api/invites/{id}")).await;
        let records = admin.get("/api/admin/audit").await.json;
        for index in 0..2 {
            assert_eq!(
                records["items"][index]["target_name"], "for Lin",
                "{records}"
            );
        }
    }
}
