//! Clients that ask for too much, send too slowly, or go away.

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::harness::{CREATE_ROOM, Mock, PATIENCE};

async fn connect(mock: &Mock) -> TcpStream {
    let address = mock.urls[0].strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.unwrap()
}

async fn read_all(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .unwrap()
        .unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_body_beyond_ten_mebibytes_is_refused() {
    let mock = Mock::start().await;
    let body = |length: usize| format!(r#"{{"metadata":"{}"}}"#, "m".repeat(length - 15));
    let fits = mock.create_room().body(body(10 << 20));
    assert_eq!(fits.send().await.status, 200);
    let beyond = mock.create_room().body(body((10 << 20) + 1));
    assert_eq!(beyond.send().await.failure(413), "resource_exhausted");
    mock.stop().await;
}

#[tokio::test]
async fn headers_beyond_a_mebibyte_are_refused() {
    let mock = Mock::start().await;
    let wished = |length: usize| json!({"response": {"metadata": "m".repeat(length)}});
    assert_eq!(
        mock.create_room()
            .control(&wished(900_000))
            .send()
            .await
            .status,
        200
    );
    let refused = mock
        .create_room()
        .control(&wished(2_000_000))
        .try_send()
        .await;
    // The refusal may meet a client that is still writing.
    match refused {
        Ok(answer) => assert_eq!(answer.status, 431),
        Err(error) => assert!(!error.is_timeout() && !error.is_connect(), "{error:?}"),
    }
    mock.stop().await;
}

#[tokio::test]
async fn what_is_not_http_is_refused() {
    let mock = Mock::start().await;
    let mut stream = connect(&mock).await;
    stream
        .write_all(b"\x16\x03\x01 hello\r\n\r\n")
        .await
        .unwrap();
    let answer = read_all(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    mock.stop().await;
}

#[tokio::test]
async fn a_client_that_hangs_up_ends_its_own_delay() {
    let mock = Mock::start().await;
    let mut stream = connect(&mock).await;
    let request = format!(
        "POST /twirp/{CREATE_ROOM} HTTP/1.1\r\nHost: mock\r\nContent-Length: 0\r\n\
         X-Lk-Mock: {{\"skipAuth\":true,\"delayMs\":3600000}}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(
        read_all(&mut stream).await,
        "",
        "the connection ends without an answer"
    );
    mock.stop().await;
}

#[tokio::test]
async fn a_truncated_answer_announces_more_than_it_brings() {
    let mock = Mock::start().await;
    for (content_type, body_length) in [("application/json", 2), ("application/protobuf", 0)] {
        let mut stream = connect(&mock).await;
        let request = format!(
            "POST /twirp/livekit.RoomService/DeleteRoom HTTP/1.1\r\nHost: mock\r\nContent-Length: 0\r\n\
             Content-Type: {content_type}\r\n\
             X-Lk-Mock: {{\"skipAuth\":true,\"failRegions\":[0],\"failMode\":\"truncate\"}}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = read_all(&mut stream).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(
            head.contains(&format!("content-length: {}", body_length.max(1))),
            "{head}"
        );
        assert_eq!(body.len(), body_length / 2);
    }
    mock.stop().await;
}

#[tokio::test]
async fn stopping_ends_what_still_waits() {
    let mock = Mock::start().await;
    let mut waiting = connect(&mock).await;
    let request = format!(
        "POST /twirp/{CREATE_ROOM} HTTP/1.1\r\nHost: mock\r\nContent-Length: 0\r\n\
         X-Lk-Mock: {{\"skipAuth\":true,\"delayMs\":3600000}}\r\n\r\n"
    );
    waiting.write_all(request.as_bytes()).await.unwrap();
    let mut idle = connect(&mock).await;
    // Both connections are served by now: the mock answers a third.
    assert_eq!(mock.create_room().send().await.status, 200);
    mock.stop().await;
    assert_eq!(read_all(&mut waiting).await, "");
    assert_eq!(read_all(&mut idle).await, "");
}
