//! The signal socket, one mode one test, on both of its paths.

use std::{io::Write, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE};
use flate2::{Compression, write::GzEncoder};
use futures::{SinkExt, StreamExt};
use livekit_protocol::{
    DisconnectReason, JoinRequest, LeaveRequest, Ping, SignalRequest, SignalResponse,
    UpdateParticipantMetadata, WrappedJoinRequest, leave_request::Action, request_response::Reason,
    signal_request::Message as Ask, signal_response::Message as Say, wrapped_join_request,
};
use livekit_wire::{Claims, VideoGrants};
use prost::Message as _;
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, protocol::frame::coding::CloseCode},
};

use crate::harness::{A_WHILE, Answer, Mock, PATIENCE, sign, token, video};

const PATHS: [&str; 2] = ["/rtc", "/rtc/v1"];

fn playing(script: &Value) -> Claims {
    Claims {
        identity: "tester".to_owned(),
        name: "Tess".to_owned(),
        attributes: [("lk.mock".to_owned(), script.to_string())].into(),
        ..video(VideoGrants {
            room_join: true,
            room: "test-room".to_owned(),
            ..VideoGrants::default()
        })
    }
}

fn mode(name: &str) -> Value {
    json!({ "signal": name })
}

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// How a connection ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Closed(CloseCode, String),
    /// What a browser calls 1006.
    Gone,
}

impl Socket {
    /// Opens it; the error is the status and body of a refusal.
    async fn open(
        mock: &Mock,
        path: &str,
        query: &str,
        token: &str,
    ) -> Result<Self, (u16, String)> {
        let host = mock.urls[1].replacen("http", "ws", 1);
        match connect_async(format!("{host}{path}?access_token={token}{query}")).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(tungstenite::Error::Http(answer)) => {
                let body = answer.body().clone().unwrap_or_default();
                Err((answer.status().as_u16(), String::from_utf8(body).unwrap()))
            }
            Err(error) => panic!("{error}"),
        }
    }

    async fn playing(mock: &Mock, path: &str, query: &str, script: &Value) -> Self {
        Self::open(mock, path, query, &token(&playing(script)))
            .await
            .unwrap()
    }

    async fn next(&mut self) -> Say {
        match timeout(PATIENCE, self.0.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap()
        {
            Message::Binary(bytes) => SignalResponse::decode(bytes).unwrap().message.unwrap(),
            other => panic!("not a signal response: {other:?}"),
        }
    }

    async fn joined(mut self) -> Self {
        let first = self.next().await;
        assert!(matches!(first, Say::Join(_)), "{first:?}");
        self
    }

    async fn say(&mut self, ask: Ask) {
        let request = SignalRequest { message: Some(ask) };
        self.0
            .send(Message::Binary(request.encode_to_vec().into()))
            .await
            .unwrap();
    }

    async fn is_silent(&mut self) {
        let heard = timeout(A_WHILE, self.0.next()).await;
        assert!(heard.is_err(), "{heard:?}");
    }

    async fn end(&mut self) -> End {
        match timeout(PATIENCE, self.0.next()).await.unwrap() {
            Some(Ok(Message::Close(Some(frame)))) => {
                End::Closed(frame.code, frame.reason.to_string())
            }
            None | Some(Err(_)) => End::Gone,
            Some(Ok(other)) => panic!("not an end: {other:?}"),
        }
    }

    /// The next message tells the client to leave.
    async fn told_to_leave(&mut self, action: Action) {
        match self.next().await {
            Say::Leave(leave) => {
                assert_eq!(leave.reason(), DisconnectReason::ServerShutdown);
                assert_eq!(leave.action(), action);
            }
            other => panic!("not a leave: {other:?}"),
        }
    }
}

async fn validate(mock: &Mock, path: &str, token: &str) -> Answer {
    mock.get(&format!("{path}/validate?access_token={token}"))
        .send()
        .await
}

#[tokio::test]
async fn happy_joins_answers_pings_and_closes_when_the_client_leaves() {
    let mock = Mock::start().await;
    for path in PATHS {
        let mut socket = Socket::playing(&mock, path, "", &mode("happy")).await;
        let Say::Join(join) = socket.next().await else {
            panic!("not a join")
        };
        assert_eq!((join.ping_interval, join.ping_timeout), (1, 3));
        assert_eq!(join.room.unwrap().name, "test-room");
        let participant = join.participant.unwrap();
        assert_eq!(
            (participant.identity.as_str(), participant.name.as_str()),
            ("tester", "Tess")
        );
        assert_eq!(join.server_region, "region-1");
        assert_eq!(join.server_info.unwrap().region, "region-1");

        socket
            .say(Ask::PingReq(Ping {
                timestamp: 12345,
                rtt: 0,
            }))
            .await;
        let Say::PongResp(pong) = socket.next().await else {
            panic!("not a pong")
        };
        assert_eq!(pong.last_ping_timestamp, 12345);
        assert!(pong.timestamp > 1_700_000_000_000, "milliseconds");
        socket.say(Ask::Ping(999)).await;
        assert!(matches!(socket.next().await, Say::Pong(now) if now > 1_700_000_000_000));

        socket.say(Ask::Leave(LeaveRequest::default())).await;
        assert_eq!(
            socket.end().await,
            End::Closed(CloseCode::Normal, String::new())
        );
    }
    mock.stop().await;
}

#[tokio::test]
async fn happy_is_what_unknown_modes_and_absent_attributes_mean() {
    let mock = Mock::start().await;
    for path in PATHS {
        for script in [mode("dance"), json!({}), json!("no JSON object")] {
            Socket::playing(&mock, path, "", &script)
                .await
                .joined()
                .await;
        }
        let plain = token(&Claims {
            attributes: [].into(),
            ..playing(&json!({}))
        });
        Socket::open(&mock, path, "", &plain)
            .await
            .unwrap()
            .joined()
            .await;
        assert_eq!(validate(&mock, path, &plain).await.status, 200);
    }
    mock.stop().await;
}

#[tokio::test]
async fn a_metadata_update_is_acknowledged() {
    let mock = Mock::start().await;
    for path in PATHS {
        let mut socket = Socket::playing(&mock, path, "", &mode("happy"))
            .await
            .joined()
            .await;
        let update = UpdateParticipantMetadata {
            request_id: 7,
            ..Default::default()
        };
        socket.say(Ask::UpdateMetadata(update)).await;
        let Say::RequestResponse(response) = socket.next().await else {
            panic!("not acknowledged")
        };
        assert_eq!((response.request_id, response.reason()), (7, Reason::Ok));
    }
    mock.stop().await;
}

#[tokio::test]
async fn frames_that_are_no_requests_are_passed_over() {
    let mock = Mock::start().await;
    let mut socket = Socket::playing(&mock, "/rtc", "", &mode("happy"))
        .await
        .joined()
        .await;
    socket.0.send(Message::Text("{}".into())).await.unwrap();
    socket
        .0
        .send(Message::Binary(vec![0xff; 9].into()))
        .await
        .unwrap();
    socket.say(Ask::Ping(1)).await;
    assert!(matches!(socket.next().await, Say::Pong(_)));
    mock.stop().await;
}

/// Signal, status and body of a refusal.
const REFUSALS: [(&str, u16, &str); 3] = [
    ("validate_500", 500, "internal server error"),
    ("validate_service_not_found", 404, "404 page not found"),
    ("room_not_found", 404, "requested room does not exist"),
];

#[tokio::test]
async fn the_validate_modes_refuse_the_socket_and_say_why() {
    let mock = Mock::start().await;
    for path in PATHS {
        for (signal, status, body) in REFUSALS {
            let token = token(&playing(&mode(signal)));
            let refusal = Socket::open(&mock, path, "", &token).await.err().unwrap();
            assert_eq!(refusal.0, status, "{signal}");
            let answer = validate(&mock, path, &token).await;
            assert_eq!((answer.status, answer.text()), (status, body), "{signal}");
        }
        let fine = validate(&mock, path, &token(&playing(&mode("happy")))).await;
        assert_eq!((fine.status, fine.text()), (200, "success"));
    }
    mock.stop().await;
}

#[tokio::test]
async fn only_a_token_of_the_secret_opens_the_socket() {
    let mock = Mock::start().await;
    let forged = sign(&playing(&mode("happy")), "another secret");
    for path in PATHS {
        for token in ["", "not-a-jwt", &forged] {
            let refusal = Socket::open(&mock, path, "", token).await.err().unwrap();
            assert_eq!(refusal.0, 401);
            let answer = validate(&mock, path, token).await;
            assert_eq!(answer.status, 401);
            assert!(
                answer.text().starts_with("invalid token: "),
                "{}",
                answer.text()
            );
        }
        let call = mock
            .get(&format!("{path}/validate"))
            .token(&playing(&mode("happy")));
        assert_eq!(call.send().await.status, 200, "the token in the header");
    }
    mock.stop().await;
}

#[tokio::test]
async fn a_browser_may_read_every_answer_of_validate() {
    let mock = Mock::start().await;
    for signal in ["happy", "room_not_found", "validate_500"] {
        let token = token(&playing(&mode(signal)));
        let url = format!("{}/rtc/validate?access_token={token}", mock.urls[0]);
        let answer = reqwest::get(url).await.unwrap();
        assert_eq!(answer.headers()["Access-Control-Allow-Origin"], "*");
    }
    let refused = reqwest::get(format!("{}/rtc/validate", mock.urls[0]))
        .await
        .unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.headers()["Access-Control-Allow-Origin"], "*");
    mock.stop().await;
}

#[tokio::test]
async fn no_first_message_is_silent() {
    let mock = Mock::start().await;
    for path in PATHS {
        Socket::playing(&mock, path, "", &mode("no_first_message"))
            .await
            .is_silent()
            .await;
    }
    mock.stop().await;
}

#[tokio::test]
async fn no_pong_joins_and_leaves_pings_unanswered() {
    let mock = Mock::start().await;
    for path in PATHS {
        let mut socket = Socket::playing(&mock, path, "", &mode("no_pong"))
            .await
            .joined()
            .await;
        socket
            .say(Ask::PingReq(Ping {
                timestamp: 1,
                rtt: 0,
            }))
            .await;
        socket.say(Ask::Ping(1)).await;
        socket.is_silent().await;
    }
    mock.stop().await;
}

#[tokio::test]
async fn close_before_join_closes_before_a_word() {
    let mock = Mock::start().await;
    for path in PATHS {
        let mut socket = Socket::playing(&mock, path, "", &mode("close_before_join")).await;
        assert_eq!(
            socket.end().await,
            End::Closed(CloseCode::Error, String::new())
        );
    }
    mock.stop().await;
}

#[tokio::test]
async fn close_when_connected_closes_after_the_join() {
    let mock = Mock::start().await;
    for path in PATHS {
        let socket = Socket::playing(&mock, path, "", &mode("close_when_connected")).await;
        let end = socket.joined().await.end().await;
        assert!(matches!(end, End::Closed(CloseCode::Error, _)), "{end:?}");
    }
    mock.stop().await;
}

#[tokio::test]
async fn drop_when_connected_is_gone_after_the_join() {
    let mock = Mock::start().await;
    for path in PATHS {
        let socket = Socket::playing(&mock, path, "", &mode("drop_when_connected")).await;
        assert_eq!(socket.joined().await.end().await, End::Gone);
    }
    mock.stop().await;
}

#[tokio::test]
async fn drop_on_close_is_gone_when_the_client_closes() {
    let mock = Mock::start().await;
    for path in PATHS {
        let mut socket = Socket::playing(&mock, path, "", &mode("drop_on_close"))
            .await
            .joined()
            .await;
        socket.say(Ask::Ping(1)).await;
        assert!(matches!(socket.next().await, Say::Pong(_)));
        socket.0.close(None).await.unwrap();
        assert_eq!(socket.end().await, End::Gone);

        let mut polite = Socket::playing(&mock, path, "", &mode("happy"))
            .await
            .joined()
            .await;
        polite.0.close(None).await.unwrap();
        let answered = timeout(PATIENCE, polite.0.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        assert!(matches!(answered, Message::Close(_)), "{answered:?}");
    }
    mock.stop().await;
}

#[tokio::test]
async fn leave_when_connected_comes_after_the_join() {
    let mock = Mock::start().await;
    for path in PATHS {
        let socket = Socket::playing(&mock, path, "", &mode("leave_when_connected")).await;
        socket
            .joined()
            .await
            .told_to_leave(Action::Disconnect)
            .await;
    }
    mock.stop().await;
}

#[tokio::test]
async fn leave_first_message_comes_before_all() {
    let mock = Mock::start().await;
    for path in PATHS {
        let mut socket = Socket::playing(&mock, path, "", &mode("leave_first_message")).await;
        socket.told_to_leave(Action::Disconnect).await;
        socket.is_silent().await;
    }
    mock.stop().await;
}

#[tokio::test]
async fn the_action_of_a_leave_is_a_number_or_a_name() {
    let mock = Mock::start().await;
    for path in PATHS {
        for (written, action) in [
            (json!(1), Action::Resume),
            (json!(2), Action::Reconnect),
            (json!("RECONNECT"), Action::Reconnect),
            (json!("resume"), Action::Resume),
            (json!("fly"), Action::Disconnect),
        ] {
            let script = json!({"signal": "leave_when_connected", "leaveAction": written});
            let socket = Socket::playing(&mock, path, "", &script).await;
            socket.joined().await.told_to_leave(action).await;
        }
    }
    mock.stop().await;
}

fn join_request(reconnect: bool, gzip: bool) -> String {
    let inner = JoinRequest {
        reconnect,
        ..JoinRequest::default()
    }
    .encode_to_vec();
    let (compression, join_request) = if gzip {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&inner).unwrap();
        (
            wrapped_join_request::Compression::Gzip,
            encoder.finish().unwrap(),
        )
    } else {
        (wrapped_join_request::Compression::None, inner)
    };
    let wrapped = WrappedJoinRequest {
        compression: compression.into(),
        join_request,
    };
    BASE64_URL_SAFE
        .encode(wrapped.encode_to_vec())
        .replace('=', "%3D")
}

/// The queries by which a client says that it resumes.
fn resumes() -> [String; 3] {
    [
        "&reconnect=1".to_owned(),
        format!("&join_request={}", join_request(true, false)),
        format!("&join_request={}", join_request(true, true)),
    ]
}

#[tokio::test]
async fn a_resume_is_answered_with_reconnect_wherever_it_is_said() {
    let mock = Mock::start().await;
    for path in PATHS {
        for query in resumes() {
            let mut socket = Socket::playing(&mock, path, &query, &mode("happy")).await;
            let Say::Reconnect(reconnect) = socket.next().await else {
                panic!("not a reconnect: {query}")
            };
            assert_eq!(reconnect.server_info.unwrap().node_id, "MOCK_NODE");
        }
    }
    mock.stop().await;
}

#[tokio::test]
async fn a_join_request_that_resumes_nothing_or_cannot_be_read_joins() {
    let mock = Mock::start().await;
    for path in PATHS {
        let queries = [
            "&reconnect=0".to_owned(),
            format!("&join_request={}", join_request(false, true)),
            "&join_request=garbage!".to_owned(),
        ];
        for query in queries {
            Socket::playing(&mock, path, &query, &mode("happy"))
                .await
                .joined()
                .await;
        }
    }
    mock.stop().await;
}

#[tokio::test]
async fn leave_during_reconnect_tells_only_those_who_resume() {
    let mock = Mock::start().await;
    for path in PATHS {
        for query in resumes() {
            let mut socket =
                Socket::playing(&mock, path, &query, &mode("leave_during_reconnect")).await;
            socket.told_to_leave(Action::Disconnect).await;
        }
        Socket::playing(&mock, path, "", &mode("leave_during_reconnect"))
            .await
            .joined()
            .await;
    }
    mock.stop().await;
}

#[tokio::test]
async fn a_get_without_an_upgrade_is_refused() {
    let mock = Mock::start().await;
    for path in PATHS {
        let token = token(&playing(&mode("happy")));
        let answer = mock
            .get(&format!("{path}?access_token={token}"))
            .send()
            .await;
        assert_eq!(answer.status, 400);
    }
    mock.stop().await;
}

#[tokio::test]
async fn stopping_says_good_bye_to_open_sockets() {
    let mock = Mock::start().await;
    let mut happy = Socket::playing(&mock, "/rtc", "", &mode("happy"))
        .await
        .joined()
        .await;
    let mut silent = Socket::playing(&mock, "/rtc/v1", "", &mode("no_first_message")).await;
    silent.is_silent().await;
    let stopping = tokio::spawn(mock.stop());
    for socket in [&mut happy, &mut silent] {
        let end = socket.end().await;
        assert!(matches!(end, End::Closed(CloseCode::Away, _)), "{end:?}");
        // Reads the rest, so that the close is answered.
        let rest = timeout(Duration::from_secs(10), socket.0.next())
            .await
            .unwrap();
        assert!(rest.is_none(), "{rest:?}");
    }
    stopping.await.unwrap();
}
