//! What the child says comes out of our own log.

use std::{
    io,
    sync::{Arc, Mutex},
};

use secrecy::ExposeSecret;
use serde_json::Value;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::house::House;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_childs_lines_are_our_events_with_their_level_and_without_its_secret() {
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_env_filter(EnvFilter::new("trace"))
        .with_writer(captured.clone())
        .finish();
    let subscribed = tracing::subscriber::set_default(subscriber);
    let house = House::fixture(&["talks"]);
    let mut supervised = house.start();
    let secret = supervised
        .handle
        .endpoint()
        .keys
        .api_secret
        .expose_secret()
        .to_owned();
    supervised.ready().await;
    supervised.shutdown().await;
    drop(subscribed);

    let text = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(!text.contains(&secret));
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|event: &Value| event["target"] == "livekit")
        .collect();
    let event = |message: &str| {
        let found = events
            .iter()
            .find(|event| event["fields"]["message"] == message);
        found.unwrap_or_else(|| panic!("{message} in {events:#?}"))
    };
    let warning = event("a warning");
    assert_eq!(warning["level"], "WARN");
    assert_eq!(warning["fields"]["logger"], "livekit.test");
    assert_eq!(warning["fields"]["fields"], r#"{"room":"blue"}"#);
    assert_eq!(event("my secret is [secret]")["level"], "DEBUG");
    let error = event("an error");
    assert_eq!(error["level"], "ERROR");
    assert_eq!(error["fields"]["fields"], r#"{"code": 7}"#);
    assert_eq!(event("draining")["level"], "INFO");
}
