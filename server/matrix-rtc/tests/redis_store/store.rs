//! What is written and read, and when the store refuses to start.

use matrix_rtc::delayed_leave::{RedisStore, RedisStoreError, Store as _};
use tokio::net::TcpListener;

use crate::{
    harness::{identity, room, stored},
    real::RealRedis,
    resp::Running,
};

/// The same for the stand-in and for the real one.
async fn keeps_entries(url: &str) {
    let store = RedisStore::connect(url, None).await.unwrap();
    assert_eq!(store.all().await, Ok(vec![]));
    store.delete(&room(), &identity("nobody")).await.unwrap();

    let (alice, bob) = (stored("@alice<&>:hs:D", "a"), stored("@bob:hs:D", "b"));
    store.save(&stored("@alice<&>:hs:D", "old")).await.unwrap();
    store.save(&alice).await.unwrap();
    store.save(&bob).await.unwrap();
    let mut all = store.all().await.unwrap();
    all.sort_by_key(|stored| stored.delegation.identity.clone());
    assert_eq!(all, [alice, bob.clone()]);

    let gone = identity("@alice<&>:hs:D");
    store.delete(&room(), &gone).await.unwrap();
    // Another process sees the same.
    let another = RedisStore::connect(url, None).await.unwrap();
    assert_eq!(another.all().await.unwrap(), [bob]);
}

#[tokio::test]
async fn entries_are_kept_overwritten_and_deleted() {
    keeps_entries(&Running::start().await.url()).await;
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn entries_are_kept_overwritten_and_deleted_by_the_real_redis() {
    let mut real = RealRedis::start().await;
    keeps_entries(&real.url()).await;
    real.kill().await;
}

#[tokio::test]
async fn an_entry_stands_where_and_as_lk_jwt_service_puts_it() {
    let running = Running::start().await;
    let store = RedisStore::connect(&running.url(), None).await.unwrap();
    store.save(&stored("@a&b:hs:D", "syd_1")).await.unwrap();
    let entry = running.redis.get(r#"["room","@a\u0026b:hs:D"]"#);
    let expected = r#"{"Params":{"DelayId":"syd_1","DelayTimeout":30000000000,"ServerName":"example.com","LiveKitRoom":"room","LiveKitIdentity":"@a\u0026b:hs:D"},"RestartedAt":"2026-11-25T01:00:00Z"}"#;
    assert_eq!(entry.as_deref(), Some(expected));
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_is_skipped() {
    let running = Running::start().await;
    running.redis.put("@bad:identity", "not valid json");
    let store = RedisStore::connect(&running.url(), None).await.unwrap();
    store.save(&stored("@good:hs:D", "good")).await.unwrap();
    assert_eq!(store.all().await.unwrap(), [stored("@good:hs:D", "good")]);
    assert_eq!(running.redis.len(), 2);
}

#[tokio::test]
async fn a_url_that_is_none_is_refused_without_telling_the_password() {
    for url in [
        "",
        "localhost:6379",
        "http://:hunter2@localhost:6379",
        "redis://:hunter2@localhost:6379/not-a-number",
        "redis://:hunter2@:port",
    ] {
        let error = RedisStore::connect(url, None).await.err().unwrap();
        assert!(
            matches!(error, RedisStoreError::InvalidUrl(_)),
            "{url}: {error}"
        );
        assert!(
            !format!("{error} {error:?}").contains("hunter2"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_found_out_at_the_start() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = RedisStore::connect(&format!("redis://{address}"), None).await;
    let error = error.err().unwrap();
    assert!(matches!(error, RedisStoreError::Unreachable(_)), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_wrong_password_is_found_out_at_the_start() {
    let running = Running::start().await;
    let url = format!("redis://:wrong@{}", running.address);
    let error = RedisStore::connect(&url, None).await.err().unwrap();
    assert!(matches!(error, RedisStoreError::Unreachable(_)), "{error}");
}
