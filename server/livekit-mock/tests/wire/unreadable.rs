//! What cannot be read is refused by name, never guessed at.

use serde_json::json;

use crate::harness::{BOTH, CREATE_ROOM, Encoding, Mock, everything};

/// Header, value, and what the refusal says about it.
const UNREADABLE: [(&str, &str, &str); 32] = [
    ("X-Lk-Mock", "{", "EOF while parsing"),
    ("X-Lk-Mock", "[0]", "not a JSON object"),
    ("X-Lk-Mock", "drop", "not a JSON object"),
    ("X-Lk-Mock", "{} {}", "trailing characters"),
    (
        "X-Lk-Mock",
        r#"{"failRegion":[0]}"#,
        "unknown field `failRegion`",
    ),
    ("X-Lk-Mock", r#"{"failRegions":"0"}"#, "expected a sequence"),
    ("X-Lk-Mock", r#"{"failRegions":[-1]}"#, "expected u32"),
    (
        "X-Lk-Mock",
        r#"{"failMode":"explode"}"#,
        r#"\"explode\" is not a fail mode"#,
    ),
    (
        "X-Lk-Mock",
        r#"{"failStatus":99}"#,
        "99 is not the status of an answer",
    ),
    (
        "X-Lk-Mock",
        r#"{"failStatus":100}"#,
        "100 is not the status of an answer",
    ),
    ("X-Lk-Mock", r#"{"failStatus":"503"}"#, "expected u64"),
    (
        "X-Lk-Mock",
        r#"{"regionsStatus":70000}"#,
        "70000 is not the status of an answer",
    ),
    ("X-Lk-Mock", r#"{"delayMs":-5}"#, "expected u64"),
    ("X-Lk-Mock", r#"{"delayMs":1.5}"#, "expected u64"),
    ("X-Lk-Mock", r#"{"delayMs":3600001}"#, "too long a delay"),
    ("X-Lk-Mock", r#"{"response":[]}"#, "expected a map"),
    ("X-Lk-Mock", r#"{"skipAuth":"true"}"#, "expected a boolean"),
    ("X-Lk-Mock", r#"{"sipStatus":486}"#, "expected a map"),
    ("X-Lk-Mock", r#"{"sipStatus":[486]}"#, "expected a map"),
    ("X-Lk-Mock", r#"{"sipStatus":{}}"#, "missing field `code`"),
    (
        "X-Lk-Mock",
        r#"{"sipStatus":{"code":200}}"#,
        "200 is not a SIP status",
    ),
    ("X-Lk-Mock", r#"{"pinnedRegions":[0]}"#, "expected a string"),
    (
        "X-Lk-Mock-Fail-Regions",
        "0,one",
        r#"\"one\" is not the index of a region"#,
    ),
    (
        "X-Lk-Mock-Fail-Mode",
        "explode",
        r#"\"explode\" is not a fail mode"#,
    ),
    (
        "X-Lk-Mock-Fail-Status",
        "42",
        "42 is not the status of an answer",
    ),
    (
        "X-Lk-Mock-Fail-Status",
        "bad",
        r#"\"bad\" is not a whole number"#,
    ),
    (
        "X-Lk-Mock-Delay-Ms",
        "-1",
        r#"\"-1\" is not a whole number"#,
    ),
    ("X-Lk-Mock-Delay-Ms", "99999999999", "too long a delay"),
    (
        "X-Lk-Mock-Regions-Status",
        "199",
        "199 is not the status of an answer",
    ),
    ("X-Lk-Mock-Response", "{", "EOF while parsing"),
    ("X-Lk-Mock-Response", "7", "expected a map"),
    ("X-Lk-Mock-Skip-Auth", "yes", "provided string was not"),
];

#[tokio::test]
async fn a_header_that_cannot_be_read_is_named_with_the_reason() {
    let mock = Mock::start().await;
    for (header, value, reason) in UNREADABLE {
        let allowed = mock.call(CREATE_ROOM).token(&everything());
        for call in [allowed, mock.get("/settings/regions")] {
            let answer = call.header(header, value).send().await;
            assert_eq!(answer.failure(400), "malformed", "{header}: {value}");
            let text = answer.text();
            assert!(
                text.contains(&format!("cannot read the header {header}: ")),
                "{text}"
            );
            assert!(text.contains(reason), "{value}: {text}");
        }
    }
    mock.stop().await;
}

#[tokio::test]
async fn a_response_that_is_not_the_methods_is_refused() {
    let mock = Mock::start().await;
    for encoding in BOTH {
        let wished = mock
            .create_room()
            .encoding(encoding)
            .control(&json!({"response": {"sid": 7}}));
        let answer = wished.send().await;
        assert_eq!(answer.failure(400), "malformed");
        let msg = answer.json()["msg"].as_str().unwrap().to_owned();
        assert!(
            msg.starts_with("mock: the wished response is not a livekit.Room in JSON: "),
            "{msg}"
        );
    }
    mock.stop().await;
}

#[tokio::test]
async fn a_body_that_is_not_the_request_is_refused() {
    let mock = Mock::start().await;
    for (encoding, body, name) in [
        (Encoding::Json, "{", "JSON"),
        (Encoding::Json, r#"{"name":7}"#, "JSON"),
        (Encoding::Protobuf, "{}", "protobuf"),
    ] {
        let answer = mock
            .create_room()
            .encoding(encoding)
            .body(body)
            .send()
            .await;
        assert_eq!(answer.failure(400), "malformed", "{body}");
        let msg = answer.json()["msg"].as_str().unwrap().to_owned();
        assert!(
            msg.contains(&format!("not a livekit.CreateRoomRequest in {name}: ")),
            "{msg}"
        );
    }
    mock.stop().await;
}

#[tokio::test]
async fn no_body_at_all_is_a_request_of_defaults() {
    let mock = Mock::start().await;
    for encoding in BOTH {
        assert_eq!(
            mock.create_room()
                .encoding(encoding)
                .body("")
                .send()
                .await
                .status,
            200
        );
    }
    mock.stop().await;
}
