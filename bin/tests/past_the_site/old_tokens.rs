//! Whoever was locked out, sent out, banned or whose call was ended does not stay with an old token. A site in SQLite, and where
//! CONVOKE_TEST_POSTGRES_URL names a server two on one PostgreSQL.

use std::env;

use participant::{JoinError, proto::DisconnectReason};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use url::Url;

use crate::harness::{Person, Site, Way, connect, free_port, put_out, start_media_server, until};

/// Comes with an old token until the media server refuses it; how often it let them in, and the site put them out.
async fn comes_again_and_again(way: &Way) -> usize {
    for times in 0..10 {
        match connect(way).await {
            Ok((_there, events)) => {
                assert_eq!(
                    put_out(events).await,
                    DisconnectReason::ParticipantRemoved,
                    "the attempt {times}"
                );
            }
            Err(JoinError::Signal(_) | JoinError::Refused(_)) => return times,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the media server lets in a token that it was told to refuse");
}

/// Asked at one site, done at the other, which may be the same.
async fn old_tokens_are_put_out(asked: &Site, done: &Site) {
    // The link of whoever started last is the good one.
    let ada = Person::set_up(done).await;
    let standup = json!({"name": "Standup"});
    let made = ada.ask(asked, Method::POST, "/api/rooms", &standup).await;
    let room = made["slug"].as_str().unwrap().to_owned();
    let of_room = |rest: &str| format!("/api/rooms/{room}/{rest}");
    until("the site sees the media server", async || {
        let path = "/api/site";
        let site = ada.ask(asked, Method::GET, path, &Value::Null).await;
        let other = ada.ask(done, Method::GET, path, &Value::Null).await;
        site["media"] == "ready" && other["media"] == "ready"
    })
    .await;

    // Locked: who is inside stays, a token that was not used yet is of no use any more.
    let (inside, waiting) = (Person::guest(), Person::guest());
    let way = inside.join(asked, &room).await;
    let (_inside, stays) = connect(&way).await.unwrap();
    until("they are there", async || ada.live(done, &room).await == 1).await;
    let unused = waiting.join(asked, &room).await;
    let lock = |locked: bool| json!({ "locked": locked });
    ada.ask(done, Method::PUT, &of_room("lock"), &lock(true))
        .await;
    assert!(comes_again_and_again(&unused).await >= 1);
    ada.ask(done, Method::PUT, &of_room("lock"), &lock(false))
        .await;
    let again = waiting.join(asked, &room).await;
    let (there, seen) = connect(&again).await.unwrap();
    until("both are there", async || ada.live(done, &room).await == 2).await;

    // Sent out: with the old token never again, with a new one at once.
    let kick = of_room(&format!("participants/{}/kick", again.identity));
    ada.ask(done, Method::POST, &kick, &Value::Null).await;
    assert_eq!(put_out(seen).await, DisconnectReason::ParticipantRemoved);
    drop(there);
    assert!(comes_again_and_again(&again).await >= 1);
    let fresh = waiting.join(asked, &room).await;
    let (there, seen) = connect(&fresh).await.unwrap();
    until("both are there", async || ada.live(done, &room).await == 2).await;

    // Banned: no token is any good.
    let ban = of_room(&format!("participants/{}/ban", fresh.identity));
    ada.ask(done, Method::POST, &ban, &json!({})).await;
    assert_eq!(put_out(seen).await, DisconnectReason::ParticipantRemoved);
    drop(there);
    assert!(comes_again_and_again(&fresh).await >= 1);

    // Ended for everybody, also for who was inside all the time.
    ada.ask(done, Method::POST, &of_room("end"), &Value::Null)
        .await;
    // And not put out before.
    assert_eq!(put_out(stays).await, DisconnectReason::RoomDeleted);
    assert!(comes_again_and_again(&way).await >= 1);
    let anew = inside.join(asked, &room).await;
    let (_there, _events) = connect(&anew).await.unwrap();
    until("one is there", async || ada.live(done, &room).await == 1).await;
}

#[tokio::test]
async fn beside_one_site_old_tokens_are_put_out() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let sites = [Site::start(port, None)];
    let _media = start_media_server(&folder, port, &sites).await;
    let [site] = &sites;
    old_tokens_are_put_out(site, site).await;
}

#[tokio::test]
async fn beside_two_sites_that_hear_every_event_old_tokens_are_put_out() {
    let Ok(server) = env::var("CONVOKE_TEST_POSTGRES_URL") else {
        eprintln!("skipped: two servers on one PostgreSQL (CONVOKE_TEST_POSTGRES_URL is not set)");
        return;
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let name = format!("convoke_past_{}", std::process::id());
    let mut connection = PgConnection::connect(&server).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut connection)
        .await
        .unwrap();
    let mut database: Url = server.parse().unwrap();
    database.set_path(&name);
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let sites = [(); 2].map(|()| Site::start(port, Some(&database)));
    let _media = start_media_server(&folder, port, &sites).await;
    let [one, other] = &sites;
    old_tokens_are_put_out(one, other).await;
}
