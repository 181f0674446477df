//! What the child says comes out of our own log. Alone in its program: the log is one per process.

#![expect(
    clippy::disallowed_methods,
    reason = "tests of a real process go by the machine's clock"
)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use livekit_supervisor::{ChildState, Command, Engine, Options, Ports, Supervisor};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

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
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let fixture = |words: &[&str]| Command {
        program: env!("CARGO_BIN_EXE_supervisor-fixture").into(),
        args: words.iter().map(Into::into).collect(),
    };
    let data = tempfile::tempdir().unwrap();
    let (built_in, child_exec) = (fixture(&["serve", "talks"]), fixture(&["child-exec"]));
    let mut options = Options::new(data.path().to_owned(), built_in, child_exec);
    options.engine = Engine::BuiltIn;
    options.ports = Ports {
        signal: 0,
        rtc_udp: 0,
        rtc_second_udp: 0,
        rtc_tcp: 0,
        turn_udp: 0,
        turn_tls: 0,
    };
    let (handle, mut state) = Supervisor::start(options, &mut rand::rng(), SystemTime::now)
        .await
        .unwrap();
    let secret = handle.endpoint().keys.api_secret.expose_secret().to_owned();
    state
        .wait_for(|state| matches!(state, ChildState::Ready { .. }))
        .await
        .unwrap();
    handle.shutdown(Duration::from_secs(20)).await;

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
    // What the child said beside its message is beside it here, too.
    let said = |event: &Value| -> Value {
        serde_json::from_str(event["fields"]["fields"].as_str().unwrap()).unwrap()
    };
    let warning = event("a warning");
    assert_eq!(warning["level"], "WARN");
    assert_eq!(said(warning), json!({"room": "blue"}));
    assert_eq!(warning["fields"]["logger"], "livekit.test");
    assert_eq!(event("my secret is [secret]")["level"], "DEBUG");
    let error = event("an error");
    assert_eq!(error["level"], "ERROR");
    assert_eq!(said(error), json!({"code": 7}));
    assert_eq!(event("draining")["level"], "INFO");
}
