//! Breaches planted into small houses: each law finds its own, and leaves the neighbour alone that keeps it.

use super::{House, breaches, source::Source};

fn house(files: &[(&str, &str)]) -> House {
    let mut house = House {
        map: "| `bin` | the command | `server/platform` | rules |\n\
              | `server/platform` | the product | | media |"
            .to_owned(),
        ..House::default()
    };
    house.migration("CREATE TABLE users (id TEXT); CREATE TABLE rooms (id TEXT);");
    for (path, text) in files {
        if path.ends_with("Cargo.toml") {
            house
                .manifests
                .push(((*path).to_owned(), (*text).to_owned()));
        } else {
            let text = format!("//! Something.\n{text}");
            house.sources.push(Source::parse(path, &text));
        }
    }
    house
}

fn found(files: &[(&str, &str)]) -> Vec<String> {
    breaches(&house(files)).into_iter().collect()
}

#[test]
fn another_features_store_is_found_however_it_is_reached() {
    for text in [
        "use crate::users::store;",
        "use crate::{clock::Timestamp, users::{model::User, store::{self, Row}}};",
        "use super::super::users::store::by_id;",
        "fn f() { crate::users::store::by_id(1); }",
    ] {
        let found = found(&[("server/platform/src/rooms/join.rs", text)]);
        assert_eq!(
            found,
            ["a store belongs to its feature: rooms/join.rs opens the store of users"],
            "{text}"
        );
    }
    assert!(
        found(&[(
            "server/platform/src/rooms/join.rs",
            "use super::store; use crate::{rooms::store as own, users::by_id};
             #[cfg(test)] mod tests { use crate::users::store; }"
        )])
        .is_empty()
    );
}

#[test]
fn a_table_of_another_feature_is_found_in_any_clause() {
    let users = (
        "server/platform/src/users/store.rs",
        r#"const A: &str = "INSERT INTO users (id) VALUES ($1) ON CONFLICT DO UPDATE SET id = 1";"#,
    );
    for sql in [
        "SELECT 1 FROM rooms JOIN users ON TRUE",
        "SELECT (SELECT COUNT(*)\n FROM users)",
        "UPDATE users SET id = 1",
        "DELETE FROM users",
    ] {
        let text = format!("const B: &str = concat!(\"{sql}\", \" \");");
        let rooms = ("server/platform/src/rooms/store.rs", text.as_str());
        assert_eq!(
            found(&[users, rooms]),
            ["a table belongs to one feature: rooms/store.rs names users of users"],
            "{sql}"
        );
    }
    let twice = ("server/platform/src/rooms/store.rs", users.1);
    assert_eq!(
        found(&[users, twice]),
        [r#"a table belongs to one feature: users is filled by {"rooms", "users"}"#]
    );
}

#[test]
fn a_feature_under_the_ground_is_found() {
    let rooms = ("server/platform/src/rooms/mod.rs", "");
    let ticker = (
        "server/platform/src/jobs/ticker.rs",
        "use crate::{db::Tx, rooms::RoomId};",
    );
    assert_eq!(
        found(&[rooms, ticker]),
        ["the ground imports no feature: jobs/ticker.rs imports rooms"]
    );
}

#[test]
fn a_lower_floor_that_leans_on_an_upper_one_is_found() {
    for (lower, text, upper) in [
        ("accounts", "use crate::{auth::hash, rooms};", "auth"),
        ("accounts", "use super::super::auth;", "auth"),
        ("audit", "use crate::happenings::Happening;", "happenings"),
        ("moderation", "use crate::rooms::{self, RoomId};", "rooms"),
        ("moderation", "use crate::meetings::Stays;", "meetings"),
        (
            "moderation",
            "fn f() { crate::participants::enforce(); }",
            "participants",
        ),
        ("rooms", "use crate::participants;", "participants"),
        (
            "meetings",
            "use crate::livekit_events::{note, EventId};",
            "livekit_events",
        ),
    ] {
        let path = format!("server/platform/src/{lower}/act.rs");
        let breach = format!("a lower floor imports no upper one: {lower}/act.rs imports {upper}");
        assert_eq!(found(&[(&path, text)]), [breach], "{text}");
    }
}

#[test]
fn a_floor_may_lean_on_lower_ones_on_its_own_and_name_the_ids_of_upper_ones() {
    for (own, text) in [
        ("auth", "use crate::{accounts, invites};"),
        (
            "moderation",
            "use crate::{accounts::Validity, rooms::RoomId, meetings::MeetingId};",
        ),
        ("rooms", "use crate::{meetings::{self, Stays}, moderation};"),
        (
            "meetings",
            "use crate::{moderation, rooms::{self, KnownRoom}};",
        ),
        (
            "livekit_events",
            "use crate::{meetings, moderation, participants, rooms};",
        ),
    ] {
        let path = format!("server/platform/src/{own}/act.rs");
        assert!(found(&[(&path, text)]).is_empty(), "{text}");
    }
}

#[test]
fn sql_a_backend_and_apalis_are_found_where_they_do_not_belong() {
    let sql = (
        "server/platform/src/rooms/join.rs",
        r##"fn f() { run(r#"SELECT 1"#); say("SELECT a room"); say("Update of this room"); }"##,
    );
    let backend = (
        "server/platform/src/rooms/leave.rs",
        "fn f(tx: Tx) { match tx { Tx::Sqlite(_) => 1, crate::db::Tx::Postgres(_) => 2 } }",
    );
    let jobs = (
        "server/platform/src/rooms/jobs.rs",
        "use apalis_sqlite::SqliteStorage;",
    );
    assert_eq!(
        found(&[sql, backend, jobs]),
        [
            "SQL stands in store.rs: server/platform/src/rooms/join.rs",
            "a match on the database stands in db/: rooms/leave.rs",
            "apalis stands in jobs/: server/platform/src/rooms/jobs.rs",
        ]
    );
    let at_home = [
        ("server/platform/src/rooms/store.rs", sql.1),
        ("server/platform/src/db/mod.rs", backend.1),
        ("server/platform/src/jobs/queue.rs", jobs.1),
    ];
    assert!(found(&at_home).is_empty());
}

#[test]
fn a_crate_that_the_map_does_not_list_is_found() {
    let platform = |more: &str| format!("[package]\nname = \"convoke-platform\"\n{more}");
    let bin = "[package]\nname = \"convoke\"\n[dependencies]\nconvoke-platform.workspace = true\n";
    let keeps = platform("[dev-dependencies]\nconvoke.workspace = true\n");
    assert!(
        found(&[
            ("bin/Cargo.toml", bin),
            ("server/platform/Cargo.toml", &keeps)
        ])
        .is_empty()
    );
    let breaks = platform("[dependencies]\nconvoke = { path = \"../../bin\" }\n");
    assert_eq!(
        found(&[
            ("bin/Cargo.toml", bin),
            ("server/platform/Cargo.toml", &breaks)
        ]),
        ["a crate uses the crates of ours that ARCHITECTURE.md lists: server/platform uses bin"]
    );
    let unknown = "[package]\nname = \"recorder\"\n";
    assert_eq!(
        found(&[("server/recorder/Cargo.toml", unknown)]),
        [
            "a crate uses the crates of ours that ARCHITECTURE.md lists: server/recorder has no row in the code map"
        ]
    );
}

#[test]
fn a_socket_in_the_media_core_a_silent_file_and_an_empty_word_are_found() {
    let socket = (
        "server/media-server/src/room/join.rs",
        "use std::net::{IpAddr, UdpSocket}; use tokio::sync::oneshot;",
    );
    let vague = ("server/media-server/src/net/utils.rs", "");
    let mut house = house(&[socket, vague]);
    house
        .sources
        .push(Source::parse("bin/src/silent.rs", "use std::fmt;"));
    let long = "fn f() {}\n".repeat(900);
    house.sources.push(Source::parse(
        "bin/src/long.rs",
        &format!("//! Long.\n{long}"),
    ));
    let found: Vec<String> = breaches(&house).into_iter().collect();
    assert_eq!(
        found,
        [
            "a module opens with its purpose: bin/src/silent.rs",
            "files and words: bin/src/long.rs has more than 800 lines",
            "files and words: server/media-server/src/net/utils.rs has a name that says nothing",
            "the media core has no I/O: server/media-server/src/room/join.rs names std::net::UdpSocket",
        ]
    );
}

#[test]
fn what_the_media_servers_ground_imports_of_those_above_is_found() {
    let above = [
        "room",
        "participant",
        "peer",
        "forward",
        "http",
        "room_service",
        "shard",
        "net",
        "webhook",
        "app",
    ];
    for other in above {
        let upper = format!("server/media-server/src/{other}/mod.rs");
        let text = format!("use crate::{{config::Limit, {other}::Word}};");
        let files = [
            (upper.as_str(), ""),
            ("server/media-server/src/config/mod.rs", ""),
            ("server/media-server/src/ground/session.rs", text.as_str()),
        ];
        assert_eq!(
            found(&files),
            [format!(
                "the media server's ground imports what is below it: \
                 server/media-server/src/ground/session.rs imports {other}"
            )]
        );
    }
}

#[test]
fn folders_that_import_each_other_are_found_on_the_shortest_and_on_a_longer_way() {
    let http = "server/media-server/src/http/mod.rs";
    let calls = "server/media-server/src/room_service/call.rs";
    let app = "server/media-server/src/app.rs";
    let law = "no two folders import each other: server/media-server/src/:";
    assert_eq!(
        found(&[
            (http, "use crate::room_service;"),
            (calls, "use crate::http::App;")
        ]),
        [format!("{law} http, room_service import each other")]
    );
    assert_eq!(
        found(&[
            (http, "use crate::room_service;"),
            (calls, "fn f() { super::super::app::App::new() }"),
            (app, "use crate::http;")
        ]),
        [format!("{law} app, http, room_service import each other")]
    );
    let keeps = [
        (http, "use crate::app::App;"),
        (
            calls,
            "use crate::app::App; #[cfg(test)] mod tests { use crate::http; }",
        ),
        (
            "server/media-server/src/http/tests.rs",
            "use crate::room_service;",
        ),
        (app, "use crate::app::Word; use std::sync::Arc;"),
        // The root names its parts, and is none.
        (
            "server/media-server/src/lib.rs",
            "pub use app::App; use crate::http;",
        ),
    ];
    assert!(found(&keeps).is_empty());
}
