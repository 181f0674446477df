//! Lists, changes and deletions, and who may.

use std::time::Duration;

use serde_json::{Value, json};

use super::Scene;
use crate::{
    db::Database,
    recordings::{
        listing::store as listing,
        store::{ACTIVE_OF, OF_EGRESSES},
    },
    testing::{TestApp, TestClient, TestRoom, recorder::Fault, years},
};

/// Recordings that never began, one a second.
async fn several(scene: &mut Scene, room: &TestRoom, count: usize) {
    scene.livekit.recorder.fail(Fault::Refuse("internal", "no"));
    for _ in 0..count {
        scene.app.advance(Duration::from_secs(1));
        let answer = scene.ada.post(&room.path("/recordings"), json!({})).await;
        assert_eq!(answer.code(), "no_recorder", "{answer:?}");
    }
    scene.livekit.recorder.fail(Fault::None);
}

async fn ids(who: &mut TestClient, path: &str) -> Vec<String> {
    let answer = who.get(path).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let items = answer.json["items"].as_array().unwrap();
    items
        .iter()
        .map(|recording| recording["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn an_owner_pages_through_the_recordings_of_all_rooms_newest_first() {
    let mut scene = Scene::start().await;
    let first = scene.room.clone();
    let other = TestRoom::create(&mut scene.ada, json!({})).await;
    other
        .enter(&scene.app, &scene.livekit, &mut scene.ada)
        .await;
    for room in [&first, &other, &first, &first, &other] {
        several(&mut scene, room, 1).await;
    }
    let all = ids(&mut scene.ada, "/api/recordings").await;
    assert_eq!(all.len(), 5);
    let mut sorted = all.clone();
    sorted.sort();
    sorted.reverse();
    assert_eq!(all, sorted);
    let paged = scene.ada.get_all("/api/recordings?limit=2").await;
    let paged: Vec<_> = paged
        .iter()
        .map(|item| item["id"].as_str().unwrap())
        .collect();
    assert_eq!(paged, all);
    assert_eq!(
        ids(&mut scene.ada, &first.path("/recordings")).await.len(),
        3
    );
    let of_other = format!("/api/recordings?room={}", other.id);
    assert_eq!(ids(&mut scene.ada, &of_other).await.len(), 2);
}

#[tokio::test]
async fn a_list_is_narrowed_by_state_title_and_time() {
    let mut scene = Scene::start().await;
    let room = scene.room.clone();
    several(&mut scene, &room, 2).await;
    let middle = scene.app.app().now();
    scene.app.advance(Duration::from_secs(1));
    let recorded = scene.recording().await;
    let renamed = scene
        .ada
        .patch(&recorded.path, json!({"title": "Änderung 100%"}))
        .await;
    assert_eq!(renamed.json["title"], "Änderung 100%");
    for (query, expected) in [
        ("status=recording".to_owned(), 1),
        ("status=aborted".to_owned(), 2),
        ("q=%C3%84NDERUNG".to_owned(), 1),
        ("q=100%25".to_owned(), 1),
        ("q=standup".to_owned(), 2),
        (format!("from={}", middle.0 + 1), 1),
        (format!("to={}", middle.0), 1),
    ] {
        let found = ids(&mut scene.ada, &format!("/api/recordings?{query}")).await;
        assert_eq!(found.len(), expected, "{query}");
    }
    assert_eq!(
        scene.ada.get("/api/recordings?status=lost").await.status,
        422
    );
}

#[tokio::test]
async fn only_who_moderates_the_room_sees_its_recordings() {
    let mut scene = Scene::start().await;
    let recorded = scene.recording().await;
    let mut grace = scene.app.user("grace").await;
    assert_eq!(grace.get(&recorded.path).await.code(), "not_found");
    assert_eq!(
        scene.app.browser().get(&recorded.path).await.code(),
        "unauthenticated"
    );
    assert!(ids(&mut grace, "/api/recordings").await.is_empty());
    let path = scene.room.path("/members");
    scene
        .ada
        .post(
            &path,
            json!({"email": "grace@example.org", "role": "member"}),
        )
        .await;
    assert_eq!(grace.get(&recorded.path).await.code(), "not_found");
    let member = format!("{path}/{}", grace.user_id);
    let answer = scene.ada.patch(&member, json!({"role": "moderator"})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let seen = grace.get(&recorded.path).await;
    assert_eq!(seen.status, 200);
    let rights =
        json!({"stop": true, "change": false, "delete": false, "download": true, "share": false});
    assert_eq!(seen.json["rights"], rights);
    assert_eq!(ids(&mut grace, "/api/recordings").await.len(), 1);
    assert_eq!(
        grace
            .patch(&recorded.path, json!({"title": "x"}))
            .await
            .code(),
        "forbidden"
    );
    assert_eq!(grace.delete(&recorded.path).await.code(), "forbidden");
}

#[tokio::test]
async fn a_recording_outlives_its_room_for_the_owner() {
    let mut scene = Scene::start().await;
    let room = scene.room.clone();
    several(&mut scene, &room, 1).await;
    assert_eq!(scene.ada.delete(&room.path("")).await.status, 204);
    let kept = scene.ada.get("/api/recordings").await.json;
    assert_eq!(kept["items"][0]["room"]["deleted"], true);
    let path = format!(
        "/api/recordings/{}",
        kept["items"][0]["id"].as_str().unwrap()
    );
    assert_eq!(scene.ada.delete(&path).await.status, 204);
    assert!(ids(&mut scene.ada, "/api/recordings").await.is_empty());
    assert_eq!(scene.ada.delete(&path).await.code(), "not_found");
}

#[tokio::test]
async fn a_recording_that_goes_on_is_stopped_before_it_is_deleted() {
    let mut scene = Scene::start().await;
    let recorded = scene.recording().await;
    let answer = scene.ada.delete(&recorded.path).await;
    assert_eq!((answer.status, answer.code()), (409, "still_recording"));
}

#[tokio::test]
async fn a_recording_is_kept_as_long_as_the_site_says_or_shorter() {
    let start = TestApp::start_with_recorder_and(|config| config.recordings.keep_days = 30);
    let mut scene = Scene::of(start.await).await;
    let room = scene.room.clone();
    several(&mut scene, &room, 1).await;
    let recording = scene.list().await.remove(0);
    let day = Duration::from_hours(24);
    let now = scene.app.app().now();
    assert_eq!(recording["keep_until"], (now + day * 30).0);
    let path = format!("/api/recordings/{}", recording["id"].as_str().unwrap());
    for (wanted, code) in [(now, "past"), (now + day * 31, "too_late")] {
        let answer = scene.ada.patch(&path, json!({"keep_until": wanted})).await;
        assert_eq!(
            (answer.status, &answer.json["errors"][0]["code"]),
            (422, &json!(code))
        );
    }
    let sooner = now + day;
    let answer = scene.ada.patch(&path, json!({"keep_until": sooner})).await;
    assert_eq!(answer.json["keep_until"], sooner.0);
    // What is left out stays.
    let answer = scene.ada.patch(&path, json!({"title": "x"})).await;
    assert_eq!(answer.json["keep_until"], sooner.0);
    let answer = scene
        .ada
        .patch(&path, json!({"keep_until": Value::Null}))
        .await;
    assert_eq!(answer.json["keep_until"], (now + day * 30).0);
}

/// Of the first page of a list that goes `up` or down.
async fn plan(db: &Database, query: &'static str, up: bool) -> String {
    let of = if query.contains("recordings.owner_id = wanted.id") {
        "'0199d5a0-0001-7000-8000-100000000002'"
    } else {
        "'0199d5a0-0002-7000-8000-1000000000010199d5a0-0002-7000-8000-100000000002'"
    };
    let literals = [
        of,
        if up { "''" } else { "'zzzzzzzz'" },
        "21",
        "''",
        "'%'",
        "0",
        "9999999999999",
        if up { "'zzzzzzzz'" } else { "''" },
    ];
    db.plan(query, &literals).await
}

#[tokio::test]
async fn a_page_is_found_without_the_other_recordings() {
    let app = TestApp::start().await;
    let db = &app.app().db;
    years::pass(db).await;
    let mut queries = vec![
        (listing::ROOM_BY_ROOM, "recordings_by_room"),
        (ACTIVE_OF, "one_recording_per_room"),
        (OF_EGRESSES, "egress_id"),
    ];
    for (statement, of_rooms, of_owners) in [
        (listing::NEWEST, "recordings_by_room", "recordings_by_owner"),
        (listing::OLDEST, "recordings_by_room", "recordings_by_owner"),
        (
            listing::TITLES_UP,
            "recordings_by_title",
            "recordings_by_owner_and_title",
        ),
        (
            listing::TITLES_DOWN,
            "recordings_by_title",
            "recordings_by_owner_and_title",
        ),
        (
            listing::LONGEST,
            "recordings_by_duration",
            "recordings_by_owner_and_duration",
        ),
        (
            listing::SHORTEST,
            "recordings_by_duration",
            "recordings_by_owner_and_duration",
        ),
        (
            listing::LARGEST,
            "recordings_by_size",
            "recordings_by_owner_and_size",
        ),
        (
            listing::SMALLEST,
            "recordings_by_size",
            "recordings_by_owner_and_size",
        ),
    ] {
        queries.push((statement.of_rooms, of_rooms));
        queries.push((statement.of_owners, of_owners));
    }
    for (query, index) in queries {
        let plan = plan(db, query, query.contains(" ASC LIMIT")).await;
        assert!(plan.contains(index), "{query}\n{plan}");
        for whole in ["SCAN recordings", "SCAN page", "Seq Scan on recordings"] {
            assert!(!plan.contains(whole), "{query}\n{plan}");
        }
    }
}

#[tokio::test]
async fn recordings_follow_a_room_that_changes_hands() {
    let mut scene = Scene::start().await;
    let room = scene.room.clone();
    several(&mut scene, &room, 2).await;
    let other = TestRoom::create(&mut scene.ada, json!({})).await;
    let mut admin = scene.app.admin().await;
    let path = format!("/api/users/{}", scene.ada.user_id);
    let answer = admin.delete(&path).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    // Of a room that is recorded after it, and of those before.
    other.enter(&scene.app, &scene.livekit, &mut admin).await;
    scene.app.advance(Duration::from_secs(1));
    scene.livekit.recorder.fail(Fault::Refuse("internal", "no"));
    let refused = admin.post(&other.path("/recordings"), json!({})).await;
    assert_eq!(refused.code(), "no_recorder", "{refused:?}");
    for query in [
        "",
        "?sort=title",
        "?sort=size",
        "?sort=duration",
        "?sort=room",
    ] {
        let path = format!("/api/recordings{query}");
        assert_eq!(ids(&mut admin, &path).await.len(), 3, "{query}");
    }
}

#[tokio::test]
async fn a_list_is_of_own_rooms_and_of_those_that_one_moderates() {
    let mut scene = Scene::start().await;
    let mut grace = scene.app.user("grace").await;
    let own = TestRoom::create(&mut grace, json!({})).await;
    own.enter(&scene.app, &scene.livekit, &mut grace).await;
    let lent = scene.room.clone();
    let moderator = json!({"email": "grace@example.org", "role": "moderator"});
    scene.ada.post(&lent.path("/members"), moderator).await;
    scene.livekit.recorder.fail(Fault::Refuse("internal", "no"));
    let mut expected = Vec::new();
    for mine in [true, false, false, true, false] {
        scene.app.advance(Duration::from_secs(1));
        let room = if mine { &own } else { &lent };
        let who = if mine { &mut grace } else { &mut scene.ada };
        who.post(&room.path("/recordings"), json!({})).await;
        expected.insert(0, room.id.clone());
    }
    let seen = grace.get_all("/api/recordings?limit=2").await;
    let seen: Vec<_> = seen
        .iter()
        .map(|item| item["room"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(seen, expected);
    // A room in which one is nothing is nobody's list.
    let strange = TestRoom::create(&mut scene.ada, json!({})).await;
    strange
        .enter(&scene.app, &scene.livekit, &mut scene.ada)
        .await;
    several(&mut scene, &strange, 1).await;
    let path = format!("/api/recordings?room={}", strange.id);
    assert!(ids(&mut grace, &path).await.is_empty());
    assert_eq!(ids(&mut scene.ada, &path).await.len(), 1);
}

/// Every page of a list, as titles.
async fn paged(who: &mut TestClient, path: &str) -> Vec<String> {
    let all = who.get_all(&format!("{path}&limit=2")).await.into_iter();
    all.map(|item| item["title"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_list_stands_in_the_order_that_is_asked_for_page_by_page() {
    let mut scene = Scene::start().await;
    let room = scene.room.clone();
    let other = TestRoom::create(&mut scene.ada, json!({"name": "archive"})).await;
    other
        .enter(&scene.app, &scene.livekit, &mut scene.ada)
        .await;
    // Its title, whether it is in the other room, its length in seconds and its bytes.
    for (title, elsewhere, seconds, bytes) in [
        ("beta", false, 10, 7),
        ("Alpha", true, 9, 1_000),
        ("gamma", false, 600, 7),
        ("beta 2", true, 9, 80),
        ("Ωmega", false, 11, 9),
    ] {
        scene.app.advance(Duration::from_secs(1));
        let of = if elsewhere { &other } else { &room };
        let answer = scene.ada.post(&of.path("/recordings"), json!({})).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        scene.livekit.recorder.activate(&scene.app).await;
        let path = format!("/api/recordings/{}", answer.json["id"].as_str().unwrap());
        scene.ada.patch(&path, json!({"title": title})).await;
        scene.finish_after(&vec![0; bytes], seconds).await;
    }
    let newest = ["Ωmega", "beta 2", "gamma", "Alpha", "beta"];
    for (query, expected) in [
        ("", newest),
        (
            "&sort=date&direction=asc",
            ["beta", "Alpha", "gamma", "beta 2", "Ωmega"],
        ),
        ("&sort=title", ["Alpha", "beta", "beta 2", "gamma", "Ωmega"]),
        (
            "&sort=title&direction=desc",
            ["Ωmega", "gamma", "beta 2", "beta", "Alpha"],
        ),
        (
            "&sort=duration",
            ["gamma", "Ωmega", "beta", "beta 2", "Alpha"],
        ),
        (
            "&sort=duration&direction=asc",
            ["Alpha", "beta 2", "beta", "Ωmega", "gamma"],
        ),
        ("&sort=size", ["Alpha", "beta 2", "Ωmega", "gamma", "beta"]),
        (
            "&sort=size&direction=asc",
            ["beta", "gamma", "Ωmega", "beta 2", "Alpha"],
        ),
        ("&sort=room", ["beta 2", "Alpha", "Ωmega", "gamma", "beta"]),
        (
            "&sort=room&direction=desc",
            ["Ωmega", "gamma", "beta", "beta 2", "Alpha"],
        ),
    ] {
        let path = format!("/api/recordings?status=processing{query}");
        assert_eq!(paged(&mut scene.ada, &path).await, expected, "{query}");
    }
    let of_room = format!("{}?sort=title", room.path("/recordings"));
    assert_eq!(
        paged(&mut scene.ada, &of_room).await,
        ["beta", "gamma", "Ωmega"]
    );
    for wrong in [
        "sort=colour",
        "sort=room&cursor=YQ",
        "sort=title&direction=up",
    ] {
        let answer = scene.ada.get(&format!("/api/recordings?{wrong}")).await;
        assert_eq!(answer.status, 422, "{wrong}");
    }
}
