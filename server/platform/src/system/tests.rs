//! What administrators see of the server itself, and that nothing of it is a secret.

use serde_json::json;

use super::{LogLevel, LogLine};
use crate::{clock::Timestamp, testing::TestApp};

#[tokio::test]
async fn the_configuration_names_every_key_and_tells_no_secret() {
    let app = TestApp::start().await;
    let mut admin = app.admin().await;
    let settings = admin.get("/api/config").await;
    assert_eq!(settings.status, 200, "{settings:?}");
    let settings = settings.json.as_array().unwrap().clone();
    let port = settings
        .iter()
        .find(|setting| setting["key"] == "server.port")
        .unwrap();
    assert_eq!(
        (&port["value"], &port["source"], &port["is_set"]),
        (&json!(8080), &json!("default"), &json!(true))
    );
    let secrets = settings
        .iter()
        .filter(|setting| setting["is_secret"] == true);
    let values: Vec<_> = secrets.map(|setting| setting["value"].clone()).collect();
    assert!(values.len() >= 3 && values.iter().all(serde_json::Value::is_null));
}

#[tokio::test]
async fn the_log_is_searched_and_narrowed() {
    let app = TestApp::start().await;
    let mut admin = app.admin().await;
    let line = |at, level, target: &str, message: &str| LogLine {
        at: Timestamp(at),
        level,
        target: target.to_owned(),
        message: message.to_owned(),
        fields: "port=7882".to_owned(),
    };
    let log = &app.app().origin.log;
    log.keep(line(1, LogLevel::Warn, "convoke", "a slow disk"));
    log.keep(line(2, LogLevel::Info, "livekit", "Somebody joined"));
    log.keep(line(3, LogLevel::Error, "convoke", "no disk"));
    let messages = async |admin: &mut crate::testing::TestClient, query: &str| {
        let found = admin.get(&format!("/api/admin/log{query}")).await.json;
        let lines = found.as_array().unwrap().clone();
        let texts = lines.into_iter().map(|line| line["message"].clone());
        texts.collect::<Vec<_>>()
    };
    assert_eq!(
        messages(&mut admin, "").await,
        ["no disk", "Somebody joined", "a slow disk"]
    );
    assert_eq!(messages(&mut admin, "?q=JOINED").await, ["Somebody joined"]);
    assert_eq!(
        messages(&mut admin, "?level=warn&q=7882").await,
        ["no disk", "a slow disk"]
    );
    let wrong = admin.get("/api/admin/log?level=loud").await;
    assert_eq!(wrong.status, 422, "{wrong:?}");
}

#[tokio::test]
async fn jobs_that_wait_are_listed_with_what_they_are_about() {
    let app = TestApp::start().await;
    let mut admin = app.admin().await;
    let ada = app.user("ada").await;
    let none = admin.get("/api/admin/jobs").await;
    assert_eq!((none.status, &none.json["open"]), (200, &json!(0)));
    // Leaving the calls of a disabled account is a job.
    let path = format!("/api/users/{}", ada.user_id);
    let disabled = admin.patch(&path, json!({"disabled": true})).await;
    assert_eq!(disabled.status, 200, "{disabled:?}");
    let jobs = admin.get("/api/admin/jobs").await.json;
    assert_eq!(jobs["open"], json!(1), "{jobs}");
    let job = &jobs["jobs"][0];
    assert_eq!(
        (&job["status"], &job["attempt"]),
        (&json!("Pending"), &json!(0))
    );
    assert!(job["payload"].to_string().contains(&ada.user_id), "{job}");
    assert!(job["due_at"].as_i64().unwrap() > 1_600_000_000_000, "{job}");
}

#[tokio::test]
async fn the_support_bundle_is_a_file_with_everything() {
    let app = TestApp::start().await;
    let mut admin = app.admin().await;
    let bundle = admin.get("/api/admin/support-bundle").await;
    assert_eq!(bundle.status, 200, "{bundle:?}");
    let disposition = bundle.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.contains("convoke-support.json"));
    for part in ["version", "health", "jobs", "settings", "log", "media"] {
        assert!(!bundle.json[part].is_null(), "{part}");
    }
    assert_eq!(bundle.json["media"]["engine"], json!("test"));
}
