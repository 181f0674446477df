//! The signal WebSocket: what its frames look like, what happens to clients that break the rules.

use std::time::{Duration, Instant};

use livekit_protocol::{
    DisconnectReason, LeaveRequest, Ping, UpdateParticipantMetadata, leave_request::Action,
    signal_request, signal_response::Message as Out,
};
use proptest::prelude::*;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{TestServer, join_token};

#[tokio::test(flavor = "multi_thread")]
async fn pings_are_answered_in_milliseconds() {
    let server = TestServer::start().await;
    let mut ann = server.join("r", "ann").await;
    ann.send(signal_request::Message::Ping(1)).await;
    let pong = ann
        .until(|message| {
            if let Out::Pong(pong) = message {
                Some(pong)
            } else {
                None
            }
        })
        .await;
    assert!(pong > 1_700_000_000_000, "Unix milliseconds");
    assert!(pong < 1 << 53, "a JavaScript number holds it");
    ann.send(signal_request::Message::PingReq(Ping {
        timestamp: 4711,
        rtt: 3,
    }))
    .await;
    let pong = ann
        .until(|message| {
            if let Out::PongResp(pong) = message {
                Some(pong)
            } else {
                None
            }
        })
        .await;
    assert_eq!(pong.last_ping_timestamp, 4711);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_speaks_json_is_answered_in_json() {
    let server = TestServer::start().await;
    let mut ann = server.join("r", "ann").await;
    ann.send_frame(Message::text(r#"{"pingReq":{"timestamp":"4711"}}"#))
        .await;
    loop {
        if let Message::Text(text) = ann.frame().await
            && text.contains("pongResp")
        {
            assert!(text.contains(r#""lastPingTimestamp":"4711""#), "{text}");
            break;
        }
    }
    // And in protobuf again as soon as it speaks that.
    ann.send(signal_request::Message::Ping(1)).await;
    loop {
        match ann.frame().await {
            Message::Binary(_) => break,
            Message::Text(text) => assert!(!text.contains("\"pong\""), "{text}"),
            _ => {}
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_closes_that_connection_with_a_reason_and_no_other() {
    let server = TestServer::start().await;
    let mut ann = server.join("r", "ann").await;
    let mut ben = server.join("r", "ben").await;
    ann.send_frame(Message::binary(vec![0xff; 64])).await;
    assert_eq!(
        ann.closed().await,
        (1007, "not a signal request".to_owned())
    );
    ben.send(signal_request::Message::Ping(1)).await;
    ben.until(|message| matches!(message, Out::Pong(_)).then_some(()))
        .await;

    let mut cid = server.join("r", "cid").await;
    cid.send_frame(Message::text("{")).await;
    assert_eq!(cid.closed().await.0, 1007);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_beyond_the_limit_closes_that_connection() {
    let server = TestServer::with("limit: {signal_message_size_limit: 4096}").await;
    let mut ann = server.join("r", "ann").await;
    ann.send_frame(Message::binary(vec![0; 5000])).await;
    assert_eq!(
        ann.closed().await,
        (
            1009,
            "signal message exceeds size limit of 4096 bytes".to_owned()
        )
    );
    let mut ben = server.join("r", "ben").await;
    ben.send(signal_request::Message::Ping(1)).await;
    ben.until(|message| matches!(message, Out::Pong(_)).then_some(()))
        .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_ends_the_session_and_the_socket() {
    let server = TestServer::start().await;
    let mut ann = server.join("r", "ann").await;
    let leave = LeaveRequest {
        reason: DisconnectReason::ClientInitiated.into(),
        ..LeaveRequest::default()
    };
    ann.send(signal_request::Message::Leave(leave)).await;
    assert_eq!(ann.closed().await.0, 1000);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_identity_again_ends_the_older_session() {
    let server = TestServer::start().await;
    let mut old = server.join("r", "ann").await;
    let _new = server.join("r", "ann").await;
    let leave = old
        .until(|message| {
            if let Out::Leave(leave) = message {
                Some(leave)
            } else {
                None
            }
        })
        .await;
    assert_eq!(
        (leave.reason(), leave.action()),
        (DisconnectReason::DuplicateIdentity, Action::Disconnect)
    );
    assert_eq!(old.closed().await.0, 1000);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_resumes_an_unknown_session_is_told_to_come_back_before_the_socket_closes() {
    let server = TestServer::start().await;
    let path = format!(
        "/rtc?access_token={}&protocol=16&sdk=js&reconnect=1&sid=PA_forgotten",
        join_token("r", "ann")
    );
    let mut ann = server.connect(&path).await.unwrap();
    let leave = ann
        .until(|message| {
            if let Out::Leave(leave) = message {
                Some(leave)
            } else {
                None
            }
        })
        .await;
    assert_eq!(leave.action(), Action::Reconnect);
    let told = Instant::now();
    assert_eq!(ann.closed().await.0, 1000);
    assert!(
        told.elapsed() >= Duration::from_millis(300),
        "the close came with the message"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_changes_are_answered_by_their_request_id() {
    let server = TestServer::start().await;
    let mut ann = server.join("r", "ann").await;
    let update = UpdateParticipantMetadata {
        metadata: "m".to_owned(),
        request_id: 7,
        ..Default::default()
    };
    ann.send(signal_request::Message::UpdateMetadata(update))
        .await;
    let response = ann
        .until(|message| {
            if let Out::RequestResponse(response) = message {
                Some(response)
            } else {
                None
            }
        })
        .await;
    assert_eq!(response.request_id, 7);
    assert_eq!(
        response.reason(),
        livekit_protocol::request_response::Reason::NotAllowed
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_says_so_to_everybody() {
    let server = TestServer::start().await;
    let mut ann = server.join("r", "ann").await;
    let mut ben = server.join("s", "ben").await;
    server.begin_stop();
    for signal in [&mut ann, &mut ben] {
        let leave = signal
            .until(|message| {
                if let Out::Leave(leave) = message {
                    Some(leave)
                } else {
                    None
                }
            })
            .await;
        assert_eq!(leave.reason(), DisconnectReason::ServerShutdown);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_socket_of_a_client_without_media_frees_its_place() {
    let server = TestServer::start().await;
    let mut ben = server.join("r", "ben").await;
    let ann = server.join("r", "ann").await;
    ann.cut();
    let gone = ben.until(|message| {
        let Out::Update(update) = message else {
            return None;
        };
        update.participants.into_iter().find(|p| {
            p.identity == "ann"
                && p.state() == livekit_protocol::participant_info::State::Disconnected
        })
    });
    assert_eq!(gone.await.identity, "ann");
    server.stop().await;
}

#[test]
fn no_frame_takes_the_server_down() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let server = runtime.block_on(TestServer::start());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(64));
    let frames = proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 1..4);
    runner
        .run(&frames, |frames| {
            runtime.block_on(async {
                let path = format!(
                    "/rtc?access_token={}&protocol=16",
                    join_token("fuzz", "ann")
                );
                let mut ann = server.connect(&path).await.unwrap();
                for frame in frames {
                    // The server may have closed on an earlier frame.
                    let _ = ann.try_send(Message::binary(frame)).await;
                }
            });
            Ok(())
        })
        .unwrap();
    runtime.block_on(async {
        let mut ben = server.join("r", "ben").await;
        ben.send(signal_request::Message::Ping(1)).await;
        ben.until(|message| matches!(message, Out::Pong(_)).then_some(()))
            .await;
        server.stop().await;
    });
}
