//! What the platform makes of a media server that fails, in every way that LiveKit's API mock knows.

use std::time::{Duration, Instant, SystemTime};

use http::StatusCode;
use livekit_mock::{Control, DefaultControl, FailMode, Options, Server};
use serde_json::json;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::testing::{Answer, StoppedClock, TestApp, TestClient, TestRoom, livekit::API_SECRET};

/// A platform, a room of its owner, and a media server that does as it is told.
struct Trouble {
    app: TestApp,
    owner: TestClient,
    room: TestRoom,
    media: DefaultControl,
    _stop: DropGuard,
}

impl Trouble {
    async fn start() -> Trouble {
        let clock = || SystemTime::UNIX_EPOCH + StoppedClock::START;
        let options = Options::loopback(API_SECRET.into(), clock);
        let server = Server::bind(options).await.unwrap();
        let url = format!("http://{}", server.addresses()[0]);
        let media = server.default_control();
        let stop = CancellationToken::new();
        tokio::spawn(server.serve(stop.clone()));
        let app = TestApp::start_with(|_, endpoint| {
            endpoint.internal_url = url.parse().unwrap();
            // Browsers reach it past us: a join asks it.
            endpoint.public_ws_url = Some("wss://livekit.example.org".parse().unwrap());
        });
        let app = app.await;
        let mut owner = app.user("ada").await;
        let room = TestRoom::create(&mut owner, json!({})).await;
        Trouble {
            app,
            owner,
            room,
            media,
            _stop: stop.drop_guard(),
        }
    }

    /// Joins while the media server does `control`, and once more after it has recovered.
    async fn join_during(&mut self, control: Control) -> (Answer, Duration) {
        self.media.set(control);
        let start = Instant::now();
        let answer = self.room.join(&mut self.owner, "x").await;
        let took = start.elapsed();
        self.media.set(Control::default());
        let recovered = self.room.join(&mut self.owner, "x").await;
        assert_eq!(recovered.status, 200, "{recovered:?}");
        (answer, took)
    }
}

fn failing(fail_mode: FailMode) -> Control {
    Control {
        fail_regions: vec![0],
        fail_mode,
        ..Control::default()
    }
}

fn status(status: u16, code: Option<&str>) -> Control {
    Control {
        fail_status: StatusCode::from_u16(status).ok(),
        fail_twirp_code: code.map(str::to_owned),
        ..failing(FailMode::Status)
    }
}

#[tokio::test]
async fn a_media_server_that_is_out_of_reach_is_unavailable_and_worth_another_try() {
    let mut trouble = Trouble::start().await;
    let faults = [
        ("no answer", failing(FailMode::Drop)),
        ("half an answer", failing(FailMode::Truncate)),
        ("500", status(500, None)),
        ("502", status(502, None)),
        ("503", status(503, None)),
        ("a key it does not know", status(401, None)),
        ("a grant it misses", status(403, None)),
        (
            "a deadline of its own",
            status(408, Some("deadline_exceeded")),
        ),
    ];
    for (fault, control) in faults {
        let (answer, _) = trouble.join_during(control).await;
        let told = (answer.status, answer.code());
        assert_eq!(told, (503, "media_unavailable"), "{fault}: {answer:?}");
        assert!(answer.headers.contains_key("retry-after"), "{fault}");
    }
}

#[tokio::test]
async fn a_media_server_that_refuses_has_failed_and_its_words_stay_in_the_log() {
    let mut trouble = Trouble::start().await;
    for code in [
        "internal",
        "failed_precondition",
        "unimplemented",
        "a code of the future",
    ] {
        let (answer, _) = trouble.join_during(status(500, Some(code))).await;
        assert_eq!((answer.status, answer.code()), (502, "media_failed"));
        assert!(!answer.text.contains("mock failure"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_media_server_that_hangs_is_given_up_in_time() {
    let mut trouble = Trouble::start().await;
    let slow = Control {
        delay: Some(Duration::from_mins(1)),
        ..Control::default()
    };
    let (answer, took) = trouble.join_during(slow).await;
    assert_eq!((answer.status, answer.code()), (503, "media_unavailable"));
    assert!(took < Duration::from_secs(20), "{took:?}");
    // Everything that needs no media goes on meanwhile.
    assert_eq!(trouble.app.browser().get("/api/site").await.status, 200);
}
